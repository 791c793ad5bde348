import { MemoryBroker } from '../../src/store/memory/memory-broker';
import { MemoryTaskReader } from '../../src/store/memory/memory-task-reader';
import { MemoryTaskStore } from '../../src/store/memory/memory-task-store';
import { keyHash } from '../../src/store/unique';
import { ManualClock } from '../../src/testing/manual-clock';
import { newTask, outcome } from '../contract/bench';

const RETENTION = { successMs: 10_000, failureMs: 10_000 };
const SLOTS = new Map([['probe', Number.POSITIVE_INFINITY]]);

/** What hangs on the clock alone, and on real time could only be told by long waits. */
describe('the memory store and its clock', () => {
  let clock: ManualClock;
  let broker: MemoryBroker;
  let store: MemoryTaskStore;
  let reader: MemoryTaskReader;

  beforeEach(() => {
    clock = new ManualClock();
    broker = new MemoryBroker(clock);
    store = new MemoryTaskStore(broker);
    reader = new MemoryTaskReader(broker);
  });

  async function open(id: string, options: { unknownTaskTimeoutMs?: number; leaseMs?: number } = {}) {
    const [opened] = await store.open({
      worker: 'w1',
      ids: [id],
      runHere: new Set(),
      slots: SLOTS,
      leaseMs: 30_000,
      unknownTaskTimeoutMs: 60_000,
      ...options,
    });
    if (opened === undefined) throw new Error('Nothing was answered.');
    return opened;
  }

  test('under an endless row of the most urgent tasks each other one has its turn when its minutes are over', async () => {
    await store.enqueue([newTask('usual'), newTask('low', { priority: 9 })]);
    const turns = new Map<string, number>();
    for (let second = 0; second < 1_200; second++) {
      // More than are taken: the row never ends.
      await store.enqueue([0, 1].map((nth) => newTask(`urgent-${second}-${nth}`, { priority: 0 })));
      const { ids } = await store.take({ worker: 'w1', limit: 1, waitMs: 0, keepMs: 3_600_000 });
      for (const id of ids) if (!id.startsWith('urgent')) turns.set(id, second);
      await clock.advance(1_000);
    }
    // One of two is taken: what was enqueued five minutes later has its turn after ten, of nine minutes later after eighteen.
    expect([...turns.keys()]).toEqual(['usual', 'low']);
    expect(turns.get('usual')).toBeCloseTo(600, -1);
    expect(turns.get('low')).toBeCloseTo(1_080, -1);
  });

  /** How many hashes are held in memory, told or not. */
  function hashCount(): number {
    return Reflect.get(broker, 'hashes').size;
  }

  async function end(id: string): Promise<void> {
    await store.enqueue([newTask(id)]);
    await store.take({ worker: 'w1', limit: 10, waitMs: 0, keepMs: 60_000 });
    const run = await open(id);
    if (run.kind === 'run') await store.finish(run.lease, outcome('SUCCESS'));
  }

  test('a take that waits is woken when an id that was handed back becomes due', async () => {
    await store.enqueue([newTask('a', { name: 'unknown-here' })]);
    await store.take({ worker: 'w1', limit: 1, waitMs: 0, keepMs: 60_000 });
    await open('a');
    const taken: string[] = [];
    const waiting = store
      .take({ worker: 'w1', limit: 1, waitMs: 5_000, keepMs: 60_000 })
      .then(({ ids }) => taken.push(...ids));
    await clock.advance(99);
    expect(taken).toEqual([]);
    await clock.advance(1);
    expect(taken).toEqual(['a']);
    await waiting;
  });

  test('an id is handed back for longer and longer, but never beyond its time', async () => {
    await store.enqueue([newTask('a', { name: 'unknown-here' })]);
    const startMs = clock.monotonicMs();
    const triedAtMs: number[] = [];
    for (let kind = ''; kind !== 'run'; ) {
      const waiting = store.take({ worker: 'w1', limit: 1, waitMs: 60_000, keepMs: 600_000 });
      const tries = triedAtMs.length;
      void waiting.then(() => triedAtMs.push(clock.monotonicMs() - startMs));
      for (let stepMs = 0; triedAtMs.length === tries; stepMs = 100) await clock.advance(stepMs);
      ({ kind } = await open('a', { unknownTaskTimeoutMs: 5_000 }));
    }
    expect(triedAtMs).toEqual([0, 100, 200, 400, 800, 1_600, 2_600, 3_600, 4_600, 5_000]);
  });

  test('a wait that ended leaves no timer behind', async () => {
    const controller = new AbortController();
    const request = { worker: 'w1', limit: 1, waitMs: 5_000, keepMs: 60_000 };
    const aborted = store.take(request, controller.signal);
    controller.abort();
    await aborted;
    const served = store.take(request);
    await store.enqueue([newTask('a')]);
    await served;
    expect(clock.timerCount).toBe(0);
  });

  test('a wait of any length is no busy loop', async () => {
    const controller = new AbortController();
    const request = { worker: 'w1', limit: 1, waitMs: Number.POSITIVE_INFINITY, keepMs: 60_000 };
    const waiting = store.take(request, controller.signal);
    await clock.advance(86_400_000);
    expect(clock.timerCount).toBe(1);
    controller.abort();
    expect((await waiting).ids).toEqual([]);
  });

  test('a hash whose retention has passed is not told any more, and its memory is freed by the next pass', async () => {
    await end('a');
    await store.settleEnded('c1', ['a'], RETENTION);
    await clock.advance(9_999);
    expect(await reader.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
    await clock.advance(1);
    await store.reap(30_000);
    expect(hashCount()).toBe(0);
    expect(await reader.get(['a'])).toEqual([undefined]);
  });

  test('the memory of expired hashes is freed although no monitor runs', async () => {
    for (const id of ['a', 'b']) {
      await end(id);
      await store.settleEnded('c1', [id], RETENTION);
      await clock.advance(10_000);
    }
    await store.settleEnded('c1', [], RETENTION);
    expect(hashCount()).toBe(0);
  });

  test('a lease lapses after its time and not before', async () => {
    await store.enqueue([newTask('a')]);
    await store.take({ worker: 'w1', limit: 1, waitMs: 0, keepMs: 60_000 });
    await open('a', { leaseMs: 30_000 });
    await clock.advance(30_000);
    expect(await store.reap(30_000)).toMatchObject({ requeued: [] });
    await clock.advance(2);
    expect(await store.reap(30_000)).toMatchObject({ requeued: ['a'] });
  });

  test('a key is its task’s for the window to the millisecond, and then forgotten', async () => {
    const claim = { key: 'k', policy: 'throttle', while: 'unended', windowMs: 10_000 } as const;
    await store.enqueueUnique(newTask('a'), claim);
    await store.remove('a');
    await clock.advance(9_999);
    expect(await store.enqueueUnique(newTask('b'), claim)).toEqual({ kind: 'duplicate', id: 'a' });
    await clock.advance(1);
    expect(broker.uniques.get(keyHash('probe', 'k'))).toBeUndefined();
    expect(await store.enqueueUnique(newTask('b'), claim)).toEqual({ kind: 'started', id: 'b' });
  });
});
