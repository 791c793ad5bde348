import { StoreUnavailableError } from '../../src/errors';
import type { TaskStore } from '../../src/store/task-store';
import { describeCall, type Fault, faultyStore, type StoreCall } from '../../src/testing';
import { ManualClock } from '../../src/testing/manual-clock';
import type { ContractBackend } from '../contract/backend';
import { makeMemoryBackend } from '../support/memory-backend';

const TASK = { id: 'a', name: 'probe', data: '{}', cleanup: true };
const TAKE = { worker: 'w', limit: 1, waitMs: 60_000, keepMs: 60_000 };
const OPEN = {
  worker: 'w',
  ids: ['a'],
  runHere: new Set<string>(),
  slots: new Map([['probe', 1]]),
  leaseMs: 60_000,
  unknownTaskTimeoutMs: 0,
};

let backend: ContractBackend;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  backend = await makeMemoryBackend(clock);
});

afterEach(() => backend.close());

const state = async (id = 'a') => (await backend.reader.get([id]))[0]?.state;

/** One fault at one place, as in `open#1 before`. */
const faultAt = (place: string, fault: Fault) =>
  faultyStore(backend.store, { clock, onCall: (call) => (describeCall(call) === place ? fault : undefined) });

/** Whether a promise has settled after the clock stood still for some turns. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await clock.advance(0);
  return settled;
}

describe('a faulty store without a plan', () => {
  test('does what the store does, and lists the calls with their numbers and sides', async () => {
    const store = faultyStore(backend.store);
    await expect(store.enqueue([TASK])).resolves.toEqual([true]);
    await expect(store.enqueue([TASK])).resolves.toEqual([false]);
    await expect(store.take(TAKE)).resolves.toMatchObject({ ids: ['a'] });
    expect(store.calls.map(describeCall)).toEqual([
      'enqueue#1 before',
      'enqueue#1 after',
      'enqueue#2 before',
      'enqueue#2 after',
      'take#1 before',
      'take#1 after',
    ]);
    expect(store.hasCrashed).toBe(false);
  });

  test('wraps a verb that it has never heard of, and one that is a method of a class', async () => {
    class Later {
      private readonly answer = 42;
      async aVerbOfTomorrow(): Promise<number> {
        return this.answer;
      }
    }
    const store = faultyStore(new Later() as unknown as TaskStore);
    await expect((store as unknown as Later).aVerbOfTomorrow()).resolves.toBe(42);
    expect(store.calls.map(describeCall)).toEqual(['aVerbOfTomorrow#1 before', 'aVerbOfTomorrow#1 after']);
    expect(await Promise.resolve(store)).toBe(store);
    expect(`${store}`).toBe('[object Object]');
  });

  test('hands on what the store throws, and says that the call came back', async () => {
    const failure = new StoreUnavailableError('away');
    const store = faultyStore({ remove: () => Promise.reject(failure) } as unknown as TaskStore);
    await expect(store.remove('a')).rejects.toBe(failure);
    expect(store.calls.map(describeCall)).toEqual(['remove#1 before', 'remove#1 after']);
  });

  test('the plan sees the arguments of each call', async () => {
    const seen: [StoreCall, readonly unknown[]][] = [];
    const store = faultyStore(backend.store, { onCall: (call, args) => void seen.push([call, args]) });
    await store.requestStop('b');
    expect(seen).toEqual([
      [{ verb: 'requestStop', nth: 1, side: 'before' }, ['b']],
      [{ verb: 'requestStop', nth: 1, side: 'after' }, ['b']],
    ]);
  });
});

describe('a crash', () => {
  test('before a call: the store never gets it, and it never settles', async () => {
    const store = faultAt('enqueue#1 before', { kind: 'crash' });
    const call = store.enqueue([TASK]);
    await store.crashed;
    await expect(settles(call)).resolves.toBe(false);
    await expect(state()).resolves.toBeUndefined();
  });

  test('after a call: the store has done it, and it never settles', async () => {
    const store = faultAt('enqueue#1 after', { kind: 'crash' });
    const call = store.enqueue([TASK]);
    await store.crashed;
    await expect(settles(call)).resolves.toBe(false);
    await expect(state()).resolves.toBe('WAIT');
  });

  test('ends all calls: pending ones and new ones never settle, and none is listed any more', async () => {
    const store = faultAt('enqueue#1 before', { kind: 'delay', ms: 50 });
    const pending = store.enqueue([TASK]);
    store.crash();
    store.crash();
    await clock.advance(100);
    const late = store.enqueue([TASK]);
    await expect(Promise.all([settles(pending), settles(late)])).resolves.toEqual([false, false]);
    expect(store.hasCrashed).toBe(true);
    expect(store.calls.map(describeCall)).toEqual(['enqueue#1 before']);
    await expect(state()).resolves.toBeUndefined();
    expect(clock.timerCount).toBe(0);
  });

  test('ends a wait in the store, so that a task goes to the living', async () => {
    const store = faultyStore(backend.store, { clock });
    const waiting = store.take(TAKE, new AbortController().signal);
    await clock.advance(0);
    store.crash();
    await expect(settles(waiting)).resolves.toBe(false);
    await backend.store.enqueue([TASK]);
    await expect(backend.store.take({ ...TAKE, worker: 'other' })).resolves.toMatchObject({ ids: ['a'] });
  });

  test('that is buried fails what hung and what still comes, and nothing reaches the store', async () => {
    const store = faultAt('enqueue#1 before', { kind: 'crash' });
    const hanging = store.enqueue([TASK]);
    await expect(settles(hanging)).resolves.toBe(false);
    store.bury();
    await expect(hanging).rejects.toThrow(StoreUnavailableError);
    await expect(store.enqueue([TASK])).rejects.toThrow(StoreUnavailableError);
    await expect(state()).resolves.toBeUndefined();
  });

  test('between two calls leaves what the monitor mends', async () => {
    const store = faultAt('open#1 after', { kind: 'crash' });
    await store.enqueue([TASK]);
    await store.take(TAKE);
    void store.open(OPEN);
    await store.crashed;
    await expect(state()).resolves.toBe('RUNNING');
    await clock.advance(60_001);
    await expect(backend.store.reap(60_000)).resolves.toMatchObject({ requeued: ['a'] });
  });
});

describe('a dropped call', () => {
  test('before: it never reached the store', async () => {
    const store = faultAt('enqueue#1 before', { kind: 'drop' });
    await expect(store.enqueue([TASK])).rejects.toThrow(StoreUnavailableError);
    await expect(state()).resolves.toBeUndefined();
    await expect(store.enqueue([TASK])).resolves.toEqual([true]);
  });

  test('after: the store has done it, and the reply is lost', async () => {
    const store = faultAt('enqueue#1 after', { kind: 'drop' });
    await expect(store.enqueue([TASK])).rejects.toThrow('enqueue#1 after');
    await expect(state()).resolves.toBe('WAIT');
    await expect(store.enqueue([TASK])).resolves.toEqual([false]);
  });
});

describe('a delayed call', () => {
  test('before: reaches the store so much later', async () => {
    const store = faultAt('enqueue#1 before', { kind: 'delay', ms: 50 });
    const call = store.enqueue([TASK]);
    await clock.advance(49);
    await expect(state()).resolves.toBeUndefined();
    await clock.advance(1);
    await expect(call).resolves.toEqual([true]);
  });

  test('after: is answered so much later', async () => {
    const store = faultAt('enqueue#1 after', { kind: 'delay', ms: 50 });
    const call = store.enqueue([TASK]);
    await clock.advance(49);
    await expect(state()).resolves.toBe('WAIT');
    await expect(settles(call)).resolves.toBe(false);
    await clock.advance(1);
    await expect(call).resolves.toEqual([true]);
  });

  test('held: waits for a promise, whether it resolves or rejects', async () => {
    let release = () => {};
    const until = new Promise<void>((_, reject) => {
      release = () => reject(new RangeError('of no matter'));
    });
    const store = faultAt('enqueue#1 before', { kind: 'hold', until });
    const call = store.enqueue([TASK]);
    await expect(settles(call)).resolves.toBe(false);
    release();
    await expect(call).resolves.toEqual([true]);
  });
});
