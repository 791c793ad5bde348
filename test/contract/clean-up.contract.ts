import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS } from './bench';

/** What the clean-up of ended tasks asks of a store. */
export function describeCleanUp(makeBackend: MakeBackend): void {
  describe('taking ended tasks', () => describeTakeEnded(makeBackend));
  describe('settling ended tasks', () => describeSettleEnded(makeBackend));
}

function describeTakeEnded(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function takeEnded(limit = 10, keepMs = LONG_MS): Promise<string[]> {
    return [...(await bench().store.takeEnded('c1', limit, keepMs))];
  }

  test('ended tasks are given oldest first, no more than asked for', async () => {
    for (const id of ['a', 'b', 'c']) await bench().end(id);
    expect(await takeEnded(2)).toEqual(['a', 'b']);
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual(['a', 'b']);
    expect(await bench().endQueue()).toEqual(['c']);
  });

  test('where nothing ended there is nothing to give', async () => {
    expect(await takeEnded()).toEqual([]);
  });

  test('an ended task is given to one only', async () => {
    await bench().end('a');
    await takeEnded();
    expect(await takeEnded()).toEqual([]);
    expect(await bench().store.takeEnded('c2', 10, LONG_MS)).toEqual([]);
  });

  test('what a dead clean-up held goes back to the head of the end queue, in the old order', async () => {
    for (const id of ['a', 'b', 'c']) await bench().end(id);
    await takeEnded(2, INSTANT_MS);
    const { returned } = await bench().reapUntil('returned', 'a');
    expect(returned.toSorted()).toEqual(['a', 'b']);
    expect(await bench().endQueue()).toEqual(['a', 'b', 'c']);
    expect(await bench().queue()).toEqual([]);
  });

  test('a clean-up that was silent for too long gets what it held anew', async () => {
    await bench().end('a');
    await takeEnded(10, INSTANT_MS);
    await eventually(async () => expect(await takeEnded(10, INSTANT_MS)).toEqual(['a']));
  });

  test('a clean-up that leaves gives back what it holds, in the old order', async () => {
    for (const id of ['a', 'b', 'c']) await bench().end(id);
    await takeEnded(2);
    await bench().store.leaveEnded('c1');
    expect(await bench().endQueue()).toEqual(['a', 'b', 'c']);
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual([]);
  });
}

function describeSettleEnded(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function settle(keepMs: number): Promise<void> {
    await bench().settleEnded(await bench().store.takeEnded('c1', 10, LONG_MS), keepMs);
  }

  test('a task with no retention is deleted', async () => {
    await bench().end('a');
    await settle(0);
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual([]);
  });

  test('a deleted task with places in the queue leaves their number', async () => {
    await bench().end('a');
    await bench().raw.hset(bench().keys.task('a'), { skip: '1' });
    await settle(0);
    expect(await bench().hash('a')).toEqual({ skip: '1' });
  });

  test('a task is kept for its retention, and no longer', async () => {
    await bench().end('a');
    await settle(60);
    expect(await bench().reader.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
    await eventually(async () => expect(await bench().reader.get(['a'])).toEqual([undefined]));
    expect(await bench().hash('a')).toEqual({});
  });

  test('a task whose retention has passed does not exist', async () => {
    await bench().end('a');
    await settle(INSTANT_MS);
    await eventually(async () => expect(await bench().hash('a')).toEqual({}));
    expect(await bench().store.restart('a')).toBe('missing');
    expect(await bench().store.remove('a')).toBe('missing');
  });

  test('a task with endless retention is kept', async () => {
    await bench().end('a');
    await settle(Number.POSITIVE_INFINITY);
    expect(await bench().reader.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual([]);
  });

  test('a settled task is out of the active set', async () => {
    await bench().end('a');
    await bench().raw.sadd(bench().keys.taskSet, 'a');
    await settle(Number.POSITIVE_INFINITY);
    expect(await bench().active()).toEqual([]);
  });

  test('failures have a retention of their own', async () => {
    for (const state of ['SUCCESS', 'ERROR', 'EXCEPTION'] as const) await bench().end(state, state);
    const ids = await bench().store.takeEnded('c1', 10, LONG_MS);
    await bench().store.settleEnded('c1', ids, { successMs: 0, failureMs: LONG_MS });
    const records = await bench().reader.get(['SUCCESS', 'ERROR', 'EXCEPTION']);
    expect(records.map((record) => record?.state)).toEqual([undefined, 'ERROR', 'EXCEPTION']);
  });

  test('a task that stands there twice, or is gone by now, gives its places up', async () => {
    await bench().end('a');
    await bench().end('gone');
    await bench().store.remove('gone');
    await bench().raw.lpush(bench().keys.endQueue, 'a');
    await settle(LONG_MS);
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual([]);
    expect(await bench().endQueue()).toEqual([]);
  });

  test('a task that runs again by now is left as it is', async () => {
    await bench().end('a');
    await bench().store.takeEnded('c1', 10, LONG_MS);
    await bench().begin('a');
    await bench().settleEnded(['a'], 0);
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING' });
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().inbox('c1', bench().keys.endQueue)).toEqual([]);
  });
}
