import { IsString } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class CallInput {
  @IsString() tenant!: string;
}

const tenant = (input: CallInput) => input.tenant;

@Task('call', { limit: { concurrency: 3, key: tenant, perKey: { concurrency: 2 } } })
class Call {
  constructor(private readonly desk: Desk) {}

  async start(@Input(CallInput) _input: CallInput, task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

@Task('ping', { limit: { rate: { max: 2, per: 300 } } })
class Ping {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): void {
    this.desk.notes.push(performance.now());
    this.desk.began.push(task.id);
  }
}

class KeyedInput {
  @IsString() key!: string;
}

function keyOf({ key }: KeyedInput): string {
  if (key === '') throw new Error('no key');
  return (key === 'five' ? 5 : key) as string;
}

@Task('keyed', { limit: { key: keyOf, perKey: { concurrency: 1 } } })
class Keyed {
  constructor(private readonly desk: Desk) {}

  async start(@Input(KeyedInput) _input: KeyedInput, task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

@Task('free')
class Free {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

describe.each(PLACES)('the limits of a class, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(workers = 2) {
    const desk = new Desk();
    const options = { tasks: [Call, Ping, Keyed, Free], providers: [Desk.provide(desk)] };
    const apps = await Promise.all(Array.from({ length: workers }, () => stage().app(options)));
    const [app] = apps;
    if (!app) throw new Error('There is no app.');
    return { desk, client: app.client, apps };
  }

  test('hold for all workers together, in all and for each key', async () => {
    const { desk, client } = await setUp();
    for (const id of ['a1', 'a2', 'a3', 'a4']) await client.start(Call, { tenant: 'acme' }, { id });
    for (const id of ['o1', 'o2']) await client.start(Call, { tenant: 'other' }, { id });
    await client.start(Free, {}, { id: 'free' });
    await desk.untilBegan('free');
    await eventually(() => expect(desk.began.length).toBe(4));
    const running = desk.began.filter((id) => id !== 'free');
    expect(running.filter((id) => id.startsWith('a')).length).toBe(2);
    for (const id of ['a1', 'a2', 'a3', 'a4', 'o1', 'o2', 'free']) desk.gate(id).open(id);
    for (const id of ['a1', 'a2', 'a3', 'a4', 'o1', 'o2']) expect(await client.result(id, { timeout: '10s' })).toBe(id);
    expect(desk.most).toBeLessThanOrEqual(4);
  });

  test('hold for what other programs push, with its key', async () => {
    const { desk, client } = await setUp(1);
    for (const id of ['p1', 'p2', 'p3']) await stage().setHash(id, { task: 'call', data: '{"tenant":"acme"}' });
    await stage().push('p1', 'p2', 'p3');
    await desk.untilBegan('p1');
    await desk.untilBegan('p2');
    await eventually(async () => expect((await client.counts()).waiting).toBe(1));
    desk.gate('p1').open('done');
    await desk.untilBegan('p3');
  });

  test('let a task run to its end whose input has no key, as it is not valid', async () => {
    const { client } = await setUp(1);
    await stage().setHash('bad', { task: 'call', data: '{"tenant":5}' });
    await stage().push('bad');
    await expect(client.result('bad', { timeout: '10s' })).rejects.toMatchObject({
      output: expect.stringContaining('tenant: must be a string'),
    });
  });

  test('want a key of each input: one that gives none is refused, and waits with others where it was pushed', async () => {
    const { desk, client } = await setUp(1);
    await expect(client.start(Keyed, { key: '' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      violations: [{ message: expect.stringContaining('but threw: Error: no key') }],
    });
    const report = await client.startMany(Keyed, [{ key: 'five' }, { key: 'good' }]);
    expect(report).toMatchObject({ started: 1, refused: [{ index: 0, error: { code: 'INPUT_INVALID' } }] });
    for (const id of ['p1', 'p2']) await stage().setHash(id, { task: 'keyed', data: '{"key":""}' });
    await stage().push('p1', 'p2');
    await desk.untilBegan('p1');
    await eventually(async () => expect((await client.counts()).waiting).toBe(1));
    desk.gate('p1').open('done');
    await desk.untilBegan('p2');
  });

  test('have a rate', async () => {
    const { desk, client } = await setUp(2);
    await client.startMany(Ping, Array(5).fill({}));
    await eventually(() => expect(desk.began.length).toBe(5));
    const times = (desk.notes as number[]).toSorted((a, b) => a - b);
    // Two at once, then one for each half of the time; less what a clock is read earlier.
    expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(400);
  });

  test('give the place of a run that was stopped to the next', async () => {
    const { desk, client } = await setUp(1);
    for (const id of ['a1', 'a2', 'a3']) await client.start(Call, { tenant: 'acme' }, { id });
    await desk.untilBegan('a2');
    await client.stop('a1');
    await desk.untilBegan('a3');
  });

  test('do not keep what a worker that leaves puts back', async () => {
    const { desk, client, apps } = await setUp(1);
    for (const id of ['a1', 'a2', 'a3']) await client.start(Call, { tenant: 'acme' }, { id });
    await desk.untilBegan('a1');
    await desk.untilBegan('a2');
    for (const app of apps) await stage().closeApp(app);
    const next = await setUp(1);
    for (const id of ['a1', 'a2', 'a3']) next.desk.gate(id).open(id);
    for (const id of ['a1', 'a2', 'a3']) expect(await next.client.result(id, { timeout: '10s' })).toBe(id);
    expect(next.desk.most).toBeLessThanOrEqual(2);
  });
});

@Task('call')
class CallWithoutLimit {
  start(@Input(CallInput) { tenant: of }: CallInput): string {
    return of;
  }
}

describe.each(PLACES)('a class whose limit was taken away, on %s', (place) => {
  const stage = Stage.use(place);

  test('has its tasks run that wait in lanes', async () => {
    const before = await stage().make({ tasks: [Call], providers: [Desk.provide(new Desk())], worker: false });
    for (const id of ['a', 'b', 'c']) await before.client.start(Call, { tenant: 'acme' }, { id });
    const worker = { heartbeatInterval: 50 };
    const { client } = await stage().app({ tasks: [CallWithoutLimit], worker });
    for (const id of ['a', 'b', 'c']) expect(await client.result(id, { timeout: '10s' })).toBe('acme');
  });
});

describe.each(PLACES)('the limit of a queue, on %s', (place) => {
  const stage = Stage.use(place);

  test('holds for all its tasks and all workers together', async () => {
    const desk = new Desk();
    const worker = { queues: { default: { limit: { concurrency: 2 } } } };
    const options = { tasks: [Call, Free], providers: [Desk.provide(desk)], worker };
    const [app] = [await stage().app(options), await stage().app(options)];
    const ids = ['f1', 'f2', 'f3'];
    for (const id of ids) await app.client.start(Free, {}, { id });
    await app.client.start(Call, { tenant: 'acme' }, { id: 'c1' });
    await eventually(() => expect(desk.began.length).toBe(2));
    for (const id of [...ids, 'c1']) desk.gate(id).open(id);
    for (const id of [...ids, 'c1']) expect(await app.client.result(id, { timeout: '10s' })).toBe(id);
    expect(desk.most).toBe(2);
  });
});
