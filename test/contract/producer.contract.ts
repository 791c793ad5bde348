import type { ControlMessage } from '../../src/task/control';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask, outcome, started } from './bench';

export function describeProducerStore(makeBackend: MakeBackend): void {
  describe('enqueue', () => describeEnqueue(makeBackend));
  describe('stop', () => describeStop(makeBackend));
  describe('reload', () => describeReload(makeBackend));
}

function describeEnqueue(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a new task is written as pytask knows it, and waits', async () => {
    expect(await bench().enqueue('a', { data: '{"n":1}' })).toBe(true);
    expect(await bench().hash('a')).toEqual({
      task: 'probe',
      data: '{"n":1}',
      state: 'WAIT',
      created: expect.stringMatching(/^\d{13}$/),
    });
    expect(await bench().queue()).toEqual(['a']);
  });

  test('tasks wait in the order in which they were enqueued', async () => {
    await bench().store.enqueue([newTask('a'), newTask('b')]);
    await bench().enqueue('c');
    expect(await bench().queue()).toEqual(['a', 'b', 'c']);
  });

  test('an empty batch changes nothing', async () => {
    expect(await bench().store.enqueue([])).toEqual([]);
  });

  test('only a task that is never to be cleaned up says so', async () => {
    await bench().enqueue('a', { cleanup: false });
    expect(await bench().hash('a')).toMatchObject({ cleanup: 'false' });
  });

  test('an id that waits is refused, and its task is unchanged', async () => {
    await bench().enqueue('a', { data: '{"n":1}' });
    expect(await bench().store.enqueue([newTask('a', { data: '{"n":2}' }), newTask('b')])).toEqual([false, true]);
    expect(await bench().hash('a')).toMatchObject({ data: '{"n":1}' });
    expect(await bench().queue()).toEqual(['a', 'b']);
  });

  test('an id of a foreign task without a state is refused', async () => {
    await bench().enqueueForeign('a');
    expect(await bench().enqueue('a')).toBe(false);
  });

  test('an id that runs is refused', async () => {
    await bench().begin('a');
    expect(await bench().enqueue('a')).toBe(false);
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING' });
  });

  test('an id twice in one batch is enqueued once', async () => {
    expect(await bench().store.enqueue([newTask('a'), newTask('a')])).toEqual([true, false]);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('the id of an ended task begins anew, with nothing left of the last run', async () => {
    const { lease } = await bench().begin('a', {}, { cleanup: false });
    await bench().store.emit(lease, '{"event":"progress","data":1}', '1');
    await bench().store.finish(lease, outcome('ERROR'));
    await bench().raw.hset(bench().keys.task('a'), { unknown_since: '1', control: 'stop', local: 'true' });
    expect(await bench().enqueue('a', { data: '[]' })).toBe(true);
    const created = expect.any(String);
    expect(await bench().hash('a')).toEqual({ task: 'probe', data: '[]', state: 'WAIT', created });
    expect(await bench().beginNext()).toMatchObject({ attempt: 1, lease: { cleanup: true, local: false } });
  });

  test('the id of a stopped task begins anew', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.settleStop(lease);
    expect(await bench().enqueue('a')).toBe(true);
    expect(await bench().beginNext()).toMatchObject({ attempt: 1 });
  });

  test('the retention of an ended task does not reach the next task of its id', async () => {
    await bench().end('a');
    await bench().end('b');
    await bench().settleEnded(['a', 'b'], 40);
    await bench().enqueue('a');
    await eventually(async () => expect(await bench().hash('b')).toEqual({}));
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
  });

  test('the stored input can be replaced', async () => {
    await bench().enqueue('a');
    expect(await bench().store.setData('a', '{"n":2}')).toBe(true);
    expect(await bench().beginNext()).toMatchObject({ data: '{"n":2}' });
  });

  test('there is no input to replace where no task exists', async () => {
    expect(await bench().store.setData('a', '{}')).toBe(false);
    expect(await bench().hash('a')).toEqual({});
  });
}

function describeStop(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a task that does not exist cannot be stopped', async () => {
    expect(await bench().store.requestStop('a')).toBe('missing');
    expect(await bench().hash('a')).toEqual({});
  });

  test('a waiting task is stopped at once, and stays in the active set', async () => {
    await bench().enqueue('a');
    expect(await bench().store.requestStop('a')).toBe('done');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().active()).toEqual(['a']);
    await bench().expectEvents('a', ['stop', null]);
  });

  test('a foreign task without a state is stopped as one that waits', async () => {
    await bench().enqueueForeign('a');
    expect(await bench().store.requestStop('a')).toBe('done');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
  });

  test('the place of a task that was stopped while it waited is used up without effect', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().hash('a')).not.toHaveProperty('skip');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('a foreign push after the stop runs the task, at its own place', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().take()).toMatchObject({ ids: ['a', 'a'] });
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run', attempt: 1 });
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('every stop uses up one place, however often a task is stopped and enqueued', async () => {
    for (let time = 0; time < 3; time++) {
      await bench().enqueue('a');
      if (time < 2) await bench().store.requestStop('a');
    }
    await bench().take();
    const kinds = [await bench().openOne('a'), await bench().openOne('a'), await bench().openOne('a')];
    expect(kinds.map(({ kind }) => kind)).toEqual(['used-up', 'used-up', 'run']);
  });

  test('a running task keeps running until its worker acts, and the worker is told', async () => {
    const { lease } = await bench().begin('a');
    const messages = await listen(bench());
    expect(await bench().store.requestStop('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING', control: 'stop' });
    await eventually(() => expect(messages).toEqual([['a', 'stop']]));
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: 'stop' }]);
  });

  test('a stop takes the place of a reload', async () => {
    await bench().begin('a');
    await bench().store.requestReload('a');
    await bench().store.requestStop('a');
    expect(await bench().hash('a')).toMatchObject({ control: 'stop' });
  });

  test('a stop does not take the place of a removal', async () => {
    await bench().begin('a');
    await bench().store.remove('a');
    expect(await bench().store.requestStop('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ control: 'remove' });
  });

  test('an ended task is not stopped', async () => {
    await bench().end('a');
    expect(await bench().store.requestStop('a')).toBe('unchanged');
    expect(await bench().hash('a')).toMatchObject({ state: 'SUCCESS' });
    await bench().expectEvents('a', started(), ['success', 'SUCCESS']);
  });

  test('a stopped task is not stopped again', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    expect(await bench().store.requestStop('a')).toBe('unchanged');
    expect(await bench().hash('a')).toMatchObject({ skip: '1' });
  });
}

function describeReload(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a running task is to be reloaded, and its worker is told', async () => {
    await bench().begin('a');
    const messages = await listen(bench());
    expect(await bench().store.requestReload('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ control: 'reload' });
    await eventually(() => expect(messages).toEqual([['a', 'reload']]));
  });

  test.each(['stop', 'remove'])('a reload does not take the place of "%s"', async (control) => {
    await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { control });
    expect(await bench().store.requestReload('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ control });
  });

  test('a task that does not run is not reloaded', async () => {
    await bench().end('ended');
    await bench().enqueue('waits');
    expect(await bench().store.requestReload('missing')).toBe('missing');
    expect(await bench().store.requestReload('ended')).toBe('unchanged');
    expect(await bench().store.requestReload('waits')).toBe('unchanged');
    expect(await bench().hash('waits')).not.toHaveProperty('control');
  });
}

async function listen(bench: Bench): Promise<[string, ControlMessage][]> {
  const messages: [string, ControlMessage][] = [];
  await bench.backend.events.onControl((taskId, message) => messages.push([taskId, message]));
  return messages;
}
