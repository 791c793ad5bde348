import type { OpenedRun } from '../../src/store/worker-store';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, newTask, outcome } from './bench';

/** Longer than a test that is woken takes, shorter than its deadline. */
const WAIT_MS = 3_000;

export function describeTake(makeBackend: MakeBackend): void {
  describe('take', () => describeTaking(makeBackend));
  describe('take, waiting', () => describeWaiting(makeBackend));
  describe('an inbox', () => describeInbox(makeBackend));
}

function describeTaking(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('an empty queue gives nothing', async () => {
    expect(await bench().take()).toEqual({ ids: [], lapsed: false });
  });

  test('ids are taken oldest first, no more than asked for', async () => {
    await bench().store.enqueue(['a', 'b', 'c'].map((id) => newTask(id)));
    expect(await bench().take({ limit: 2 })).toEqual({ ids: ['a', 'b'], lapsed: false });
    expect(await bench().queue()).toEqual(['c']);
  });

  test('a taken id is in the inbox of its worker until it is settled', async () => {
    await bench().store.enqueue(['a', 'b'].map((id) => newTask(id)));
    await bench().take();
    expect(await bench().inbox('w1')).toEqual(['a', 'b']);
    await bench().openOne('a');
    expect(await bench().inbox('w1')).toEqual(['b']);
  });

  test('an id pushed by a foreign producer is taken like any other', async () => {
    await bench().enqueueForeign('a');
    expect(await bench().take()).toMatchObject({ ids: ['a'] });
  });

  test('an id in hand is not given out again', async () => {
    await bench().enqueue('a');
    await bench().take();
    expect(await bench().take()).toMatchObject({ ids: [] });
    expect(await bench().take({ worker: 'w2' })).toMatchObject({ ids: [] });
  });

  test('of an id with two places one is settled at a time', async () => {
    await bench().enqueueForeign('a');
    await bench().enqueueForeign('a');
    expect(await bench().take()).toMatchObject({ ids: ['a', 'a'] });
    await bench().openOne('a');
    expect(await bench().inbox('w1')).toEqual(['a']);
  });

  test('ids that are put back are the next to be taken, in their order, by anybody', async () => {
    await bench().store.enqueue(['a', 'b', 'c', 'd'].map((id) => newTask(id)));
    await bench().take({ limit: 3 });
    await bench().store.putBack('w1', ['b', 'c']);
    expect(await bench().queue()).toEqual(['b', 'c', 'd']);
    expect(await bench().inbox('w1')).toEqual(['a']);
    expect(await bench().take({ worker: 'w2' })).toMatchObject({ ids: ['b', 'c', 'd'] });
  });

  test('what an earlier take lost is found by one that gives up places too', async () => {
    await bench().store.enqueue(['a', 'b'].map((id) => newTask(id)));
    await bench().take();
    await bench().raw.lpush(bench().keys.inbox(bench().keys.newQueue, 'w1'), 'lost');
    // Not by the bench, which has the places given up before it goes on.
    await bench().store.open(bench().requestOf(['a', 'b']));
    expect(await bench().take()).toMatchObject({ ids: ['lost'] });
    await eventually(async () => expect(await bench().inbox('w1')).toEqual(['lost']));
  });

  test('an end right after its run began leaves the inbox empty', async () => {
    await bench().store.enqueue(['a', 'b'].map((id) => newTask(id)));
    const { ids } = await bench().take();
    const runs = (await bench().store.open(bench().requestOf(ids))) as OpenedRun[];
    await Promise.all(runs.map(({ lease }) => bench().store.finish(lease, outcome('SUCCESS'))));
    expect(await bench().inbox('w1')).toEqual([]);
    expect(await bench().endQueue()).toEqual(['a', 'b']);
  });

  test('what is not in the inbox any more cannot be put back', async () => {
    await bench().enqueue('a');
    await bench().take();
    await bench().openOne('a');
    await bench().store.putBack('w1', ['a', 'never']);
    expect(await bench().queue()).toEqual([]);
  });

  test('an id that was put back and taken anew is begun', async () => {
    await bench().enqueue('a');
    await bench().take();
    await bench().store.putBack('w1', ['a']);
    expect(await bench().take()).toMatchObject({ ids: ['a'] });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('an id that an earlier take lost on the way is given out by the next', async () => {
    await bench().enqueue('a');
    await bench().take();
    await bench().raw.lpush(bench().keys.inbox(bench().keys.newQueue, 'w1'), 'lost');
    expect(await bench().take()).toEqual({ ids: ['lost'], lapsed: false });
    expect(await bench().take()).toEqual({ ids: [], lapsed: false });
  });
}

function describeWaiting(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('what comes while a wait is ended early is given out once', async () => {
    for (let round = 0; round < 20; round++) {
      const ending = new AbortController();
      const taking = bench().take({ waitMs: WAIT_MS }, ending.signal);
      const enqueued = bench().enqueue(`a${round}`);
      ending.abort();
      const taken = [...(await taking).ids];
      await enqueued;
      while (taken.length === 0) taken.push(...(await bench().take({ waitMs: 100 })).ids);
      expect([...taken, ...(await bench().take()).ids, ...(await bench().take({ waitMs: 5 })).ids]).toEqual([
        `a${round}`,
      ]);
    }
  });

  test('a take waits for a task to be enqueued', async () => {
    const waiting = bench().take({ waitMs: WAIT_MS });
    await bench().enqueue('a');
    expect(await waiting).toMatchObject({ ids: ['a'] });
    expect(await bench().inbox('w1')).toEqual(['a']);
  });

  test('a take waits for a foreign push', async () => {
    const waiting = bench().take({ waitMs: WAIT_MS });
    await bench().enqueueForeign('a');
    expect(await waiting).toMatchObject({ ids: ['a'] });
  });

  test('an id that came while a take waited is not given out again', async () => {
    const waiting = bench().take({ waitMs: WAIT_MS });
    await bench().enqueue('a');
    await waiting;
    expect(await bench().take()).toEqual({ ids: [], lapsed: false });
  });

  test('a take that waited in vain gives nothing', async () => {
    expect(await bench().take({ waitMs: 10 })).toEqual({ ids: [], lapsed: false });
  });

  test('of two workers that wait each gets one of two ids', async () => {
    const waiting = ['w1', 'w2'].map((worker) => bench().take({ worker, waitMs: WAIT_MS, limit: 1 }));
    await bench().enqueueForeign('a');
    await bench().enqueueForeign('b');
    const taken = (await Promise.all(waiting)).flatMap(({ ids }) => ids);
    expect(taken.sort()).toEqual(['a', 'b']);
  });

  test('an abort ends the wait', async () => {
    const controller = new AbortController();
    const waitMs = bench().backend.waitsRunOut ? 50 : 600_000;
    const waiting = bench().take({ waitMs }, controller.signal);
    controller.abort();
    expect(await waiting).toEqual({ ids: [], lapsed: false });
  });

  test('a take whose signal has aborted already looks once', async () => {
    await bench().enqueue('a');
    const taken = await bench().take({ waitMs: WAIT_MS }, AbortSignal.abort());
    expect(taken).toMatchObject({ ids: ['a'] });
  });

  test('a take waits for an id that was handed back to become due', async () => {
    await bench().enqueue('a', { name: 'unknown-here' });
    await bench().take();
    await bench().openOne('a', { unknownTaskTimeoutMs: 60_000 });
    const taken: string[] = [];
    // A store may answer with nothing when the id becomes due, so that the caller takes it with its next call.
    for (let calls = 0; calls < 3 && taken.length === 0; calls++) {
      taken.push(...(await bench().take({ waitMs: WAIT_MS })).ids);
    }
    expect(taken).toEqual(['a']);
  });
}

function describeInbox(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a worker that leaves gives its inbox back to the head, in the old order', async () => {
    await bench().store.enqueue(['a', 'b', 'c'].map((id) => newTask(id)));
    await bench().take({ limit: 2 });
    await bench().store.leave('w1');
    expect(await bench().queue()).toEqual(['a', 'b', 'c']);
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('a worker that left may come again, and has not lapsed', async () => {
    await bench().enqueue('a');
    await bench().take();
    await bench().store.leave('w1');
    expect(await bench().take()).toEqual({ ids: ['a'], lapsed: false });
  });

  test('a worker that never took may leave', async () => {
    await bench().store.leave('w1');
    expect(await bench().queue()).toEqual([]);
  });

  test('a worker that was silent for too long learns it, and gets what it held anew', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: INSTANT_MS });
    const taken = await eventually(async () => {
      const next = await bench().take({ keepMs: INSTANT_MS });
      expect(next.lapsed).toBe(true);
      return next;
    });
    expect(taken.ids).toEqual(['a']);
  });

  test('the inbox of a worker that was silent for too long goes back to the head, in the old order', async () => {
    await bench().store.enqueue(['a', 'b', 'c'].map((id) => newTask(id)));
    await bench().take({ limit: 2, keepMs: INSTANT_MS });
    const { returned } = await bench().reapUntil('returned', 'a');
    expect(returned.toSorted()).toEqual(['a', 'b']);
    expect(await bench().queue()).toEqual(['a', 'b', 'c']);
  });

  test('a worker whose inbox was given to others learns it', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'a');
    expect(await bench().take({ worker: 'w2' })).toMatchObject({ ids: ['a'] });
    expect(await bench().take()).toEqual({ ids: [], lapsed: true });
    expect(await bench().take()).toEqual({ ids: [], lapsed: false });
  });

  test('the inbox of a living worker stays', async () => {
    await bench().enqueue('a');
    await bench().take();
    expect(await bench().store.reap(INSTANT_MS)).toMatchObject({ returned: [] });
    expect(await bench().inbox('w1')).toEqual(['a']);
  });

  test('what a worker took before it lapsed cannot be opened by it', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'a');
    expect(await bench().open(['a'])).toEqual([{ kind: 'lapsed' }]);
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a worker that took nothing can open nothing', async () => {
    await bench().enqueue('a');
    expect(await bench().openOne('a')).toEqual({ kind: 'lapsed' });
  });
}
