import { encodeEvent } from '../../src/task/event';
import { isEndState } from '../../src/task/state';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome, started } from './bench';

/** What a run writes while it holds its lease. */
export function describeRuns(makeBackend: MakeBackend): void {
  describe('heartbeat', () => describeHeartbeat(makeBackend));
  describe('events of a run', () => describeEmit(makeBackend));
  describe('finish', () => describeFinish(makeBackend));
}

function describeHeartbeat(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a heartbeat renews the sign of life', async () => {
    const { lease } = await bench().begin('a');
    await bench().age('a');
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: undefined }]);
    const { last_update } = await bench().hash('a');
    expect(Number(last_update)).toBeGreaterThan(1_000_000_000);
  });

  test('a heartbeat keeps a run from being reaped', async () => {
    const { lease } = await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().store.heartbeat([lease], LONG_MS);
    await bench().store.reap(LONG_MS);
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: undefined }]);
  });

  test.each(['stop', 'reload', 'remove'])('a heartbeat tells the intent "%s"', async (control) => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { control });
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control }]);
  });

  test('a heartbeat tells no intent that nobody knows', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { control: 'dance' });
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: undefined }]);
  });

  test('many heartbeats are answered in their order', async () => {
    const leases = [];
    for (const id of ['a', 'b', 'c']) leases.push((await bench().begin(id)).lease);
    await bench().store.requestStop('c');
    await bench().raw.del(bench().keys.task('b'));
    expect(await bench().store.heartbeat(leases, LONG_MS)).toEqual([
      { lost: false, control: undefined },
      { lost: true },
      { lost: false, control: 'stop' },
    ]);
  });

  test('a heartbeat does not make a deleted hash again', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.del(bench().keys.task('a'));
    await bench().store.heartbeat([lease], LONG_MS);
    expect(await bench().hash('a')).toEqual({});
  });

  test('no lease makes no beat', async () => {
    expect(await bench().store.heartbeat([], LONG_MS)).toEqual([]);
  });
}

function describeEmit(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('an event of the run is published', async () => {
    const { lease } = await bench().begin('a');
    expect(await bench().store.emit(lease, encodeEvent('probed', { status: 200 }))).toBe(true);
    await bench().expectEvents('a', started(), ['probed', { status: 200 }]);
  });

  test('events are published in the order in which they were emitted', async () => {
    const { lease } = await bench().begin('a');
    await Promise.all([1, 2, 3].map((n) => bench().store.emit(lease, encodeEvent('n', n))));
    await bench().expectEvents('a', started(), ['n', 1], ['n', 2], ['n', 3]);
  });

  test('progress is stored as well', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.emit(lease, encodeEvent('progress', { done: 2 }), '{"done":2}');
    expect(await bench().reader.get(['a'])).toMatchObject([{ progress: '{"done":2}' }]);
    await bench().expectEvents('a', started(), ['progress', { done: 2 }]);
  });

  test('an event without progress leaves the stored one', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.emit(lease, encodeEvent('progress', 1), '1');
    await bench().store.emit(lease, encodeEvent('other', null));
    expect(await bench().hash('a')).toMatchObject({ progress: '1' });
  });

  test('a refused reload is told, and taken back', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requestReload('a');
    expect(await bench().store.rejectReload(lease, encodeEvent('reload-rejected', ['bad']))).toBe(true);
    expect(await bench().hash('a')).not.toHaveProperty('control');
    await bench().expectEvents('a', started(), ['reload-rejected', ['bad']]);
  });

  test.each(['stop', 'remove'])('a refused reload does not take back "%s"', async (control) => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { control });
    await bench().store.rejectReload(lease, encodeEvent('reload-rejected', []));
    expect(await bench().hash('a')).toMatchObject({ control });
  });
}

function describeFinish(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test.each(['SUCCESS', 'ERROR', 'EXCEPTION'] as const)('a run that ends as %s is written and told', async (state) => {
    const { lease } = await bench().begin('a');
    expect(await bench().store.finish(lease, outcome(state))).toBe(true);
    expect(await bench().hash('a')).toMatchObject({
      state,
      output: `"${state}"`,
      ended: expect.stringMatching(/^\d{13}$/),
    });
    await bench().expectEvents('a', started(), [state.toLowerCase(), state]);
  });

  test('an ended task goes from the active set to the end queue', async () => {
    await bench().end('a');
    await bench().end('b');
    expect(await bench().active()).toEqual([]);
    expect(await bench().endQueue()).toEqual(['a', 'b']);
  });

  test('who hears of the end finds it written', async () => {
    const { lease } = await bench().begin('a');
    const readings: Promise<unknown>[] = [];
    await bench().backend.events.onTask('a', ({ event }) => {
      if (event === 'success') readings.push(bench().reader.get(['a']));
    });
    await bench().store.finish(lease, outcome('SUCCESS'));
    await eventually(() => expect(readings).toHaveLength(1));
    expect(await readings[0]).toMatchObject([{ state: 'SUCCESS', output: '"SUCCESS"' }]);
  });

  test('a task that was to be removed leaves nothing when it ends by itself first', async () => {
    const { lease } = await bench().begin('a');
    expect(await bench().store.remove('a')).toBe('requested');
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    expect(await bench().raw.lrange(bench().keys.endQueue)).toEqual([]);
  });

  test('a task that is never to be cleaned up stays in the active set', async () => {
    await bench().end('a', 'ERROR', { cleanup: false });
    expect(await bench().hash('a')).toMatchObject({ state: 'ERROR' });
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().endQueue()).toEqual([]);
  });

  test('whether to clean up is decided when the run begins', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { cleanup: 'false' });
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().endQueue()).toEqual(['a']);
  });

  test('an intent that came too late is gone with the run', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requestStop('a');
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().hash('a')).not.toHaveProperty('control');
    expect(await bench().hash('a')).toMatchObject({ state: 'SUCCESS' });
  });

  test('a finish whose answer was lost may be repeated, and is told once', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
    await bench().expectEvents('a', started(), ['success', 'SUCCESS']);
  });

  test('a run that ended cannot end otherwise', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().store.finish(lease, outcome('ERROR'))).toBe(false);
    expect(await bench().hash('a')).toMatchObject({ state: 'SUCCESS' });
  });

  test('many runs end at once, each on its own', async () => {
    const ids = ['a', 'b', 'c'];
    await bench().store.enqueue(ids.map((id) => newTask(id)));
    await bench().take();
    const opened = await bench().open(ids);
    const leases = opened.flatMap((run) => (run.kind === 'run' ? [run.lease] : []));
    await bench().raw.del(bench().keys.task('b'));
    const replies = await Promise.all(leases.map((lease) => bench().store.finish(lease, outcome('SUCCESS'))));
    expect(replies).toEqual([true, false, true]);
    const records = await bench().reader.get(ids);
    expect(records.map((record) => record && isEndState(record.state))).toEqual([true, undefined, true]);
  });
}
