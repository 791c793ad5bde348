import { Counter, Registry } from 'prom-client';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import { TASK_READER, type TaskReader } from '../../src/store/task-reader';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { samplesOf, scrape } from './scrape';

@Task('quick', { queue: 'fast' })
class Quick {
  start(): string {
    return 'done';
  }
}

@Task('failing', { retry: { attempts: 2, delay: 0 } })
class Failing {
  start(): never {
    throw new TaskError('expected', { retryable: true });
  }
}

@Task('slow', { timeout: 10 })
class Slow {
  constructor(private readonly desk: Desk) {}

  start(): Promise<unknown> {
    return this.desk.gate('slow').passed;
  }
}

describe.each(PLACES)('a scrape, on %s', (place) => {
  const stage = Stage.use(place);
  const tasks = [Quick, Failing, Slow, Staying];

  async function monitored(options: Parameters<Stage['app']>[0] = {}) {
    const desk = new Desk();
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], monitoring: { port: 0 }, ...options });
    return { desk, app };
  }

  test('counts what was run, by task, queue and outcome', async () => {
    const { desk, app } = await monitored();
    for (let times = 0; times < 3; times++) await app.client.start(Quick);
    await app.client.start(Failing);
    await app.client.start(Slow);
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await eventually(async () => {
      const samples = await scrape(app);
      expect(Object.fromEntries(samples)).toMatchObject({
        'taskwarden_enqueued_total{task="quick",queue="fast"}': 3,
        'taskwarden_enqueued_total{task="failing",queue="default"}': 1,
        'taskwarden_runs_started_total{task="quick",queue="fast"}': 3,
        'taskwarden_runs_started_total{task="failing",queue="default"}': 2,
        'taskwarden_runs_ended_total{task="quick",outcome="success"}': 3,
        'taskwarden_runs_ended_total{task="quick",outcome="error"}': 0,
        'taskwarden_runs_ended_total{task="failing",outcome="retried"}': 1,
        'taskwarden_runs_ended_total{task="failing",outcome="error"}': 1,
        'taskwarden_runs_ended_total{task="slow",outcome="exception"}': 1,
        'taskwarden_runs_timed_out_total{task="slow"}': 1,
        'taskwarden_runs_timed_out_total{task="quick"}': 0,
        'taskwarden_runs_running{task="staying"}': 1,
        'taskwarden_runs_running{task="quick"}': 0,
        'taskwarden_run_duration_seconds_count{task="quick"}': 3,
        'taskwarden_wait_seconds_count{task="quick",queue="fast"}': 3,
        taskwarden_worker_concurrency: 100,
        taskwarden_redis_up: 1,
        taskwarden_ready: 1,
      });
      expect(samples.get('taskwarden_run_duration_seconds_sum{task="slow"}')).toBeGreaterThan(0.009);
    });
    desk.gate('slow').open(undefined);
  });

  test('tells how full the queues are, and how long the oldest has waited', async () => {
    const { app } = await monitored({ worker: false });
    await app.client.startMany(Failing, [{}, {}] as never);
    await app.client.start(Quick, undefined as never, { delay: '1h' });
    await app.client.queue('fast').pause();
    const [id] = await app.client.waiting(1);
    await stage().setHash(id as string, { created: String(Date.now() - 60_000) });
    const samples = await scrape(app);
    expect(Object.fromEntries(samples)).toMatchObject({
      'taskwarden_queue_waiting{queue="default"}': 2,
      'taskwarden_queue_waiting{queue="fast"}': 0,
      'taskwarden_queue_delayed{queue="fast"}': 1,
      'taskwarden_queue_paused{queue="fast"}': 1,
      'taskwarden_queue_paused{queue="default"}': 0,
      'taskwarden_queue_oldest_age_seconds{queue="fast"}': 0,
      taskwarden_active_tasks: 0,
      taskwarden_ended_tasks: 0,
    });
    const oldest = samples.get('taskwarden_queue_oldest_age_seconds{queue="default"}');
    expect(oldest).toBeGreaterThanOrEqual(60);
    expect(oldest).toBeLessThan(90);
    expect(samples.has('taskwarden_worker_concurrency')).toBe(false);
    expect(samples.has('taskwarden_last_take_age_seconds')).toBe(false);
  });

  test('reads the queues once in five seconds, however many scrape', async () => {
    const { app } = await monitored();
    const counts = jest.spyOn(app.get<TaskReader>(TASK_READER), 'counts');
    await Promise.all([scrape(app), scrape(app), scrape(app)]);
    await scrape(app);
    expect(counts).toHaveBeenCalledTimes(1);
  });

  test('counts the tasks of all names that nobody here knows as one', async () => {
    const { app } = await monitored({ worker: { unknownTaskTimeout: 0 } });
    for (const name of ['stranger', 'another', 'third']) await app.client.start(name);
    await eventually(async () => {
      const samples = await scrape(app);
      expect(samples.get('taskwarden_runs_ended_total{task="unknown",outcome="exception"}')).toBe(3);
      expect([...samples.keys()].filter((key) => /runs_.*(stranger|another|third)/.test(key))).toEqual([]);
    });
  });

  test('counts no local task', async () => {
    const { app } = await monitored({ monitor: {}, cleanup: {}, scheduler: true });
    expect([...(await scrape(app)).keys()].filter((key) => key.includes('taskwarden/'))).toEqual([]);
  });

  test('counts what the monitor has mended', async () => {
    const { store } = stage().backend;
    const { app } = await monitored({ monitor: { interval: 20 }, taskTimeout: 100, worker: { queues: ['none'] } });
    expect((await scrape(app)).get('taskwarden_reaped_total{fate="returned"}')).toBe(0);
    await store.enqueue([{ id: 'a', name: 'quick', data: '{}', cleanup: true }]);
    await store.take({ worker: 'dead', limit: 1, waitMs: 0, keepMs: 50 });
    await eventually(async () => {
      expect((await scrape(app)).get('taskwarden_reaped_total{fate="returned"}')).toBe(1);
    });
  });

  test('is answered while the store is away, without what only that knows', async () => {
    const { app } = await monitored();
    const away = new Error('away');
    const reader = app.get<TaskReader>(TASK_READER);
    for (const verb of ['ping', 'queues', 'counts'] as const) jest.spyOn(reader, verb).mockRejectedValue(away);
    const samples = await scrape(app);
    expect(samples.get('taskwarden_redis_up')).toBe(0);
    expect(samples.get('taskwarden_ready')).toBe(0);
    expect(samples.has('taskwarden_redis_round_trip_seconds')).toBe(false);
    expect([...samples.keys()].filter((key) => key.startsWith('taskwarden_queue'))).toEqual([]);
    expect(samples.has('taskwarden_active_tasks')).toBe(false);
  });
});

describe('the registry of the metrics', () => {
  const stage = Stage.use();

  test('may be the one of the program, with its own metrics beside', async () => {
    const registry = new Registry();
    new Counter({ name: 'mine_total', help: 'Of the program.', registers: [registry] }).inc(7);
    const app = await stage().app({ tasks: [Quick], monitoring: { port: 0, registry } });
    const samples = await scrape(app);
    expect(samples.get('mine_total')).toBe(7);
    expect(samples.has('taskwarden_redis_up')).toBe(true);
    await app.close();
    expect([...samplesOf(await registry.metrics()).keys()]).toEqual(['mine_total']);
  });

  test('serves one app: a second one is told so', async () => {
    const registry = new Registry();
    await stage().app({ monitoring: { port: 0, registry } });
    await expect(stage().make({ monitoring: { port: 0, registry } })).rejects.toThrow(
      /^monitoring\.registry cannot take the metrics: .*taskwarden_.*Give each app a registry of its own\.$/,
    );
  });

  test('that has one of the names already is left as it was', async () => {
    const registry = new Registry();
    new Counter({ name: 'taskwarden_ready', help: "The program's.", registers: [registry] });
    await expect(stage().make({ monitoring: { port: 0, registry } })).rejects.toThrow('taskwarden_ready');
    expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(['taskwarden_ready']);
  });

  test('is its own for each app', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => stage().app({ tasks: [Quick], monitoring: { port: 0 } })));
    await one?.client.start('quick');
    const key = 'taskwarden_enqueued_total{task="quick",queue="fast"}';
    const counts = await Promise.all([one, other].map(async (app) => (await scrape(app as never)).get(key)));
    expect(counts).toEqual([1, undefined]);
  });
});
