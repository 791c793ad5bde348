import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, outcome, started } from './bench';

export function describeRestartAndRemove(makeBackend: MakeBackend): void {
  describe('restart', () => describeRestart(makeBackend));
  describe('remove', () => describeRemove(makeBackend));
}

function describeRestart(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a task that does not exist is not restarted', async () => {
    expect(await bench().store.restart('a')).toBe('missing');
    expect(await bench().queue()).toEqual([]);
  });

  test('an ended task waits again at the end of the queue, with nothing left of the last run', async () => {
    const { lease } = await bench().begin('a', {}, { data: '{"n":1}' });
    await bench().store.emit(lease, '{"event":"progress","data":1}', '1');
    await bench().store.finish(lease, outcome('EXCEPTION'));
    await bench().enqueue('b');
    expect(await bench().store.restart('a')).toBe('done');
    const hash = await bench().hash('a');
    expect(hash).toMatchObject({ task: 'probe', data: '{"n":1}', state: 'WAIT' });
    for (const field of ['output', 'attempt', 'ended', 'control', 'progress', 'last_update']) {
      expect(hash).not.toHaveProperty(field);
    }
    expect(await bench().queue()).toEqual(['b', 'a']);
    await bench().expectEvents('a', started(), ['progress', 1], ['exception', 'EXCEPTION'], ['requeue', null]);
  });

  test('a restarted task counts its attempts from the start', async () => {
    await bench().end('a');
    await bench().store.restart('a');
    expect(await bench().beginNext()).toMatchObject({ attempt: 1 });
  });

  test('a waiting task that lost its place in the queue gets one, and one only', async () => {
    await bench().raw.hset(bench().keys.task('a'), { task: 'probe', data: '{}', state: 'WAIT' });
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().reader.waiting(10)).toEqual(['a']);
  });

  test('a restart in none of the states does nothing', async () => {
    await bench().end('a', 'ERROR');
    expect(await bench().store.restart('a', [])).toBe('unchanged');
    expect(await bench().reader.waiting(10)).toEqual([]);
  });

  test('a stopped task waits again', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.settleStop(lease);
    expect(await bench().store.restart('a')).toBe('done');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a task stopped while it waited runs once after a restart', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    expect(await bench().take()).toMatchObject({ ids: ['a', 'a'] });
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run', attempt: 1 });
  });

  test('a running task is reloaded instead', async () => {
    await bench().begin('a');
    expect(await bench().store.restart('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING', control: 'reload' });
  });

  test('a waiting task keeps its one place', async () => {
    await bench().enqueue('a');
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a waiting task that a worker has taken keeps its one place', async () => {
    await bench().enqueue('a');
    await bench().take();
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual([]);
  });

  test('a task that was restarted twice has one place', async () => {
    await bench().end('a');
    await bench().store.restart('a');
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a waiting task whose place was lost on the way is put back, once', async () => {
    await bench().raw.hset(bench().keys.task('a'), { task: 'probe', state: 'WAIT', lease: 'dead:1', push: 'dead:1' });
    expect(await bench().store.restart('a')).toBe('unchanged');
    await bench().store.restart('a');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a restart that is wanted in other states only changes nothing', async () => {
    await bench().end('a', 'ERROR');
    expect(await bench().store.restart('a', ['STOPPED', 'SUCCESS'])).toBe('unchanged');
    expect(await bench().hash('a')).toMatchObject({ state: 'ERROR' });
    expect(await bench().queue()).toEqual([]);
  });

  test('a restart that is wanted in this state is done', async () => {
    await bench().end('a', 'ERROR');
    expect(await bench().store.restart('a', ['STOPPED', 'ERROR'])).toBe('done');
  });

  test('the retention of the last run does not reach the next', async () => {
    await bench().end('a');
    await bench().end('b');
    await bench().settleEnded(['a', 'b'], 40);
    await bench().store.restart('a');
    await eventually(async () => expect(await bench().hash('b')).toEqual({}));
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
  });
}

function describeRemove(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a task that does not exist is not removed', async () => {
    expect(await bench().store.remove('a')).toBe('missing');
    expect(await bench().hash('a')).toEqual({});
  });

  test('of a waiting task only the mark of its place is left', async () => {
    await bench().enqueue('a');
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().hash('a')).toEqual({ skip: '1' });
    await bench().expectEvents('a', ['remove', null]);
  });

  test('a task removed while it waited is no task any more', async () => {
    await bench().enqueue('a');
    await bench().store.remove('a');
    expect(await bench().reader.get(['a'])).toEqual([undefined]);
    expect(await bench().store.remove('a')).toBe('missing');
    expect(await bench().store.requestStop('a')).toBe('missing');
    expect(await bench().store.requestReload('a')).toBe('missing');
    expect(await bench().store.restart('a')).toBe('missing');
    expect(await bench().store.setData('a', '{}')).toBe(false);
    expect(await bench().hash('a')).toEqual({ skip: '1' });
  });

  test('the place of a removed task is used up, and nothing is left', async () => {
    await bench().enqueue('a');
    await bench().store.remove('a');
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('the id of a removed task can be enqueued again, and runs once', async () => {
    await bench().enqueue('a');
    await bench().store.remove('a');
    expect(await bench().enqueue('a')).toBe(true);
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
  });

  test('a running task is stopped by its worker first', async () => {
    await bench().begin('a');
    const messages: string[] = [];
    await bench().backend.events.onControl((taskId, message) => messages.push(`${taskId} ${message}`));
    expect(await bench().store.remove('a')).toBe('requested');
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING', control: 'remove' });
    await eventually(() => expect(messages).toEqual(['a stop']));
  });

  test('an ended task is deleted', async () => {
    await bench().end('a', 'SUCCESS', { cleanup: false });
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    await bench().expectEvents('a', started(), ['success', 'SUCCESS'], ['remove', null]);
  });

  test('a stopped task is deleted', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.settleStop(lease);
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
  });

  test('a task that waits again since a restart leaves nothing behind when it is removed', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.finish(lease, outcome('SUCCESS'));
    await bench().store.restart('a');
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().active()).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ active: 0 });
  });

  test('of a task stopped while it waited the mark of its place is left', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().hash('a')).toEqual({ skip: '1' });
    expect(await bench().active()).toEqual([]);
  });
}
