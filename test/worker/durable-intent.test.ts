import { Desk, Staying, Stubborn } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

describe.each(PLACES)('a control message that nobody heard, on %s', (place) => {
  const stage = Stage.use(place);

  async function begin() {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Staying, Stubborn],
      providers: [Desk.provide(desk)],
      worker: { heartbeatInterval: 20 },
      taskTimeout: '10s',
    });
    const handle = await app.client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    return { desk, app, handle };
  }

  test('stop: is obeyed at the next heartbeat', async () => {
    await begin();
    await stage().setHash('a', { control: 'stop' });
    expect(await stage().untilState('a', 'STOPPED')).toMatchObject({ output: undefined });
    expect(await stage().hash('a')).not.toHaveProperty('control');
  });

  test('reload: is obeyed at the next heartbeat, once', async () => {
    const { desk, handle } = await begin();
    await stage().setHash('a', { control: 'reload' });
    await desk.untilBegan('a', 2);
    const before = (await stage().record('a'))?.lastUpdateSeconds;
    await eventually(async () => expect((await stage().record('a'))?.lastUpdateSeconds).not.toBe(before));
    expect(await stage().hash('a')).not.toHaveProperty('control');
    desk.gate('a').open('done');
    expect(await handle.result({ timeout: '5s' })).toBe('done');
    expect(desk.began).toEqual(['a', 'a']);
  });

  test('remove: is obeyed at the next heartbeat', async () => {
    await begin();
    await stage().setHash('a', { control: 'remove' });
    await eventually(async () => expect(await stage().hash('a')).toEqual({}));
  });

  test('a word that is no intent is passed over', async () => {
    const { desk, handle } = await begin();
    await stage().setHash('a', { control: 'dance', last_update: '1.000000000' });
    await eventually(async () => expect((await stage().record('a'))?.lastUpdateSeconds).toBeGreaterThan(1));
    desk.gate('a').open('done');
    expect(await handle.result({ timeout: '5s' })).toBe('done');
  });

  test('a stop that is stored while the task waits in the queue: the task never begins', async () => {
    const { desk } = await begin();
    await stage().setHash('b', { task: 'staying', data: '{}', control: 'stop' });
    await stage().push('b');
    await stage().untilState('b', 'STOPPED');
    expect(desk.began).toEqual(['a']);
  });

  test('a plain message, as pytask sends it, is obeyed without an intent', async () => {
    const { desk } = await begin();
    await stage().backend.raw.publish(stage().backend.keys.control('a'), 'reload');
    await desk.untilBegan('a', 2);
    await stage().backend.raw.publish(stage().backend.keys.control('a'), 'stop');
    await stage().untilState('a', 'STOPPED');
  });

  test('a run whose hash was deleted is aborted, and writes nothing', async () => {
    const { desk } = await begin();
    await stage().backend.raw.del(stage().backend.keys.task('a'));
    await stage().untilLogged('The lease of the run is lost');
    expect(await stage().hash('a')).toEqual({});
    expect(desk.began).toEqual(['a']);
  });

  test('a run whose lease another took is aborted, and its outcome is not written', async () => {
    await begin();
    await stage().setHash('a', { lease: 'of another', worker: 'another' });
    await stage().untilLogged('The lease of the run is lost');
    expect(await stage().record('a')).toMatchObject({ state: 'RUNNING', worker: 'another', output: undefined });
  });
});
