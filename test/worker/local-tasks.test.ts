import { IsInt } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { AppClosedError, ConfigurationError, InputError } from '../../src/errors';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class BeaconInput {
  @IsInt() n!: number;
}

/** Says that it is alive whenever the test asks for it. */
@Task('beacon')
class Beacon {
  constructor(private readonly desk: Desk) {}

  async start(@Input(BeaconInput) input: BeaconInput, task: TaskContext): Promise<unknown> {
    this.desk.notes.push([input.n, task.local]);
    await Promise.race([this.desk.stay(task), this.desk.gate('emit').passed]);
    if (!task.signal.aborted) await task.emit('alive');
    return this.desk.stay(task);
  }
}

describe.each(PLACES)('a local task, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(worker = {}) {
    const desk = new Desk();
    const app = await stage().app({ tasks: [Staying, Beacon], providers: [Desk.provide(desk)], worker });
    return { desk, app };
  }

  test('runs at once with its input, knows that it is local, and is in no queue', async () => {
    const { desk, app } = await setUp();
    const id = await app.startLocal(Beacon, { n: 3 });
    await desk.untilBegan(id);
    expect(desk.notes).toEqual([[3, true]]);
    expect(await stage().record(id)).toMatchObject({ state: 'RUNNING', local: true, name: 'beacon' });
    expect(await stage().queue()).toEqual([]);
    expect(await stage().active()).toEqual([id]);
  });

  test('nothing of it is left when the app closes', async () => {
    const { desk, app } = await setUp();
    const id = await app.startLocal(Staying);
    await desk.untilBegan(id);
    await app.close();
    expect(await stage().hash(id)).toEqual({});
    expect(await stage().active()).toEqual([]);
    expect(await stage().queue()).toEqual([]);
    expect(await stage().endQueue()).toEqual([]);
  });

  test('does not take part in worker.concurrency, nor in the grace period', async () => {
    const { desk, app } = await setUp({ concurrency: 1, grace: 60_000 });
    await app.startLocal(Staying);
    await app.client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    desk.gate('a').open('done');
    await stage().untilState('a', 'SUCCESS');
    await app.close();
  });

  test('with a bad input is refused', async () => {
    const { app } = await setUp();
    await expect(app.startLocal(Beacon, { n: 'x' } as never)).rejects.toBeInstanceOf(InputError);
  });

  test('is started again under a new id when its lease was lost', async () => {
    const { desk, app } = await setUp({ heartbeatInterval: 20 });
    const id = await app.startLocal(Beacon, { n: 3 });
    await desk.untilBegan(id);
    await stage().backend.raw.del(stage().backend.keys.task(id));
    await eventually(() => expect(new Set(desk.began).size).toBe(2));
    const next = desk.began.find((one) => one !== id) as string;
    expect(await stage().record(next)).toMatchObject({ state: 'RUNNING', local: true, data: '{"n":3}' });
  });

  test('is started again also where the run itself finds out that its lease is lost', async () => {
    const { desk, app } = await setUp();
    const id = await app.startLocal(Beacon, { n: 3 });
    await desk.untilBegan(id);
    await stage().backend.raw.del(stage().backend.keys.task(id));
    desk.gate('emit').open(undefined);
    await eventually(() => expect(new Set(desk.began).size).toBe(2));
  });

  test('that ended by itself is not started again', async () => {
    const { desk, app } = await setUp();
    const id = await app.startLocal(Staying);
    await desk.untilBegan(id);
    desk.gate(id).open('done');
    expect(await app.client.result(id, { timeout: '5s' })).toBe('done');
    await eventually(async () => expect(await stage().endQueue()).toEqual([id]));
    expect(desk.began).toEqual([id]);
  });

  test('can be stopped and reloaded as any other', async () => {
    const { desk, app } = await setUp();
    const id = await app.startLocal(Staying);
    await desk.untilBegan(id);
    expect(await app.client.reload(id)).toBe('requested');
    await desk.untilBegan(id, 2);
    await app.client.stop(id);
    await stage().untilState(id, 'STOPPED');
    expect(desk.began).toEqual([id, id]);
  });

  test('is refused after close, and leaves nothing', async () => {
    const { app } = await setUp();
    await app.close();
    await expect((async () => app.startLocal(Staying))()).rejects.toBeInstanceOf(AppClosedError);
    expect(await stage().active()).toEqual([]);
  });

  test('is refused by an app without a worker', async () => {
    const app = await stage().app({ tasks: [Staying], worker: false });
    await expect((async () => app.startLocal(Staying))()).rejects.toBeInstanceOf(ConfigurationError);
  });
});
