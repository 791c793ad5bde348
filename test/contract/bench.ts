import { setImmediate } from 'node:timers/promises';
import type { NewTask } from '../../src/store/producer-store';
import type { ReapReport } from '../../src/store/supervisor-store';
import type { Opened, OpenedRun, OpenRequest, Outcome, Taken, TakeRequest } from '../../src/store/worker-store';
import { encodeEvent, type TaskEvent } from '../../src/task/event';
import type { EndState } from '../../src/task/state';
import { eventually } from '../support/eventually';
import type { ContractBackend, MakeBackend } from './backend';

/** Longer than any test: what is not to lapse does not. */
export const LONG_MS = 60_000;
/** Over before the next command is. */
export const INSTANT_MS = 1;

const MARKER = 'test-marker';

/** A backend in the hands of a test, with words for what the tests do again and again. */
export class Bench {
  private readonly heard: TaskEvent[] = [];
  private markers = 0;

  private constructor(readonly backend: ContractBackend) {}

  /** A fresh bench for every test of the `describe` around. */
  static use(makeBackend: MakeBackend): () => Bench {
    let bench: Bench | undefined;
    beforeEach(async () => {
      bench = new Bench(await makeBackend());
      const { heard } = bench;
      await bench.backend.events.onEvery((event) => heard.push(event));
    });
    afterEach(async () => {
      await bench?.backend.close();
      bench = undefined;
    });
    return () => bench as Bench;
  }

  get store() {
    return this.backend.store;
  }

  get reader() {
    return this.backend.reader;
  }

  get raw() {
    return this.backend.raw;
  }

  get keys() {
    return this.backend.keys;
  }

  async enqueue(id: string, options: Partial<NewTask> = {}): Promise<boolean> {
    const [enqueued] = await this.store.enqueue([newTask(id, options)]);
    return enqueued as boolean;
  }

  /** As a producer that knows nothing of us: a hash without a state, then the id. */
  async enqueueForeign(id: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.raw.hset(this.keys.task(id), { task: 'probe', data: '{}', ...fields });
    await this.raw.lpush(this.keys.newQueue, id);
  }

  take(request: Partial<TakeRequest> = {}, signal?: AbortSignal): Promise<Taken> {
    return this.store.take({ worker: 'w1', limit: 10, waitMs: 0, keepMs: LONG_MS, ...request }, signal);
  }

  /** Takes the next id, which may have to wait for its time; a take ends its wait when the first is due. */
  async takeLater(queue?: string): Promise<string> {
    for (let takes = 0; takes < 10; takes++) {
      const { ids } = await this.take({ queue, limit: 1, waitMs: 3_000 });
      if (ids[0] !== undefined) return ids[0];
    }
    throw new Error('Ten takes have brought nothing.');
  }

  async open(ids: readonly string[], request: Partial<OpenRequest> = {}): Promise<Opened[]> {
    const opened = await this.store.open({ ...this.requestOf(ids), ...request });
    await this.untilPlacesAreGivenUp();
    return opened;
  }

  /** To begin runs as the worker `w1`, which knows `probe`. */
  requestOf(ids: readonly string[]): OpenRequest {
    const slots = new Map([['probe', Number.POSITIVE_INFINITY]]);
    return { worker: 'w1', ids, runHere: new Set(), slots, leaseMs: LONG_MS, unknownTaskTimeoutMs: 0 };
  }

  /** They are given up beside what comes next, at the latest two turns later; what is asked then is answered after it. */
  private async untilPlacesAreGivenUp(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) await setImmediate();
    await this.reader.get(['nothing']).catch(() => {});
  }

  async openOne(id: string, request: Partial<OpenRequest> = {}): Promise<Opened> {
    const [opened] = await this.open([id], request);
    return opened as Opened;
  }

  /** Takes the next id of the queue, and begins its run. */
  async beginNext(request: Partial<OpenRequest> = {}): Promise<OpenedRun> {
    const { ids } = await this.take({ worker: request.worker ?? 'w1', limit: 1 });
    const opened = await this.openOne(ids[0] as string, request);
    if (opened.kind !== 'run') throw new Error(`The id ${ids[0]} was to run, but is ${opened.kind}.`);
    return opened;
  }

  /** Enqueues a task, and begins its run. */
  async begin(id: string, request: Partial<OpenRequest> = {}, task: Partial<NewTask> = {}): Promise<OpenedRun> {
    await this.enqueue(id, task);
    return this.beginNext(request);
  }

  /** Runs a task to its end. */
  async end(id: string, state: EndState = 'SUCCESS', task: Partial<NewTask> = {}): Promise<OpenedRun> {
    const run = await this.begin(id, {}, task);
    await this.store.finish(run.lease, outcome(state));
    return run;
  }

  /** Has the clean-up `c1` settle what it has taken, with one retention for all. */
  settleEnded(ids: readonly string[], keepMs: number, worker = 'c1'): Promise<void> {
    return this.store.settleEnded(worker, ids, { successMs: keepMs, failureMs: keepMs });
  }

  /** Sets a run's sign of life back, and forgets all leases: as if its worker had died long ago. */
  async age(id: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.raw.hset(this.keys.task(id), { last_update: '1000.500000000', ...fields });
    await this.raw.del(this.keys.leases);
  }

  /** Reaps until the part of the report names the id: leases lapse by the store's own clock. */
  reapUntil(part: keyof ReapReport, id: string, leaseMs = INSTANT_MS): Promise<ReapReport> {
    return eventually(async () => {
      const report = await this.store.reap(leaseMs);
      expect(report[part]).toContain(id);
      return report;
    });
  }

  hash(id: string): Promise<Record<string, string>> {
    return this.raw.hgetall(this.keys.task(id));
  }

  /** The list of a queue, the id to be taken next first. */
  async queue(name?: string): Promise<string[]> {
    return (await this.raw.lrange(this.keys.queue(name))).reverse();
  }

  async endQueue(): Promise<string[]> {
    return (await this.raw.lrange(this.keys.endQueue)).reverse();
  }

  /** What a worker has taken and not settled, the oldest first. */
  async inbox(worker: string, queue = this.keys.newQueue): Promise<string[]> {
    return (await this.raw.lrange(this.keys.inbox(queue, worker))).reverse();
  }

  async active(): Promise<string[]> {
    return (await this.raw.smembers(this.keys.taskSet)).sort();
  }

  /** Waits until the task has published exactly these events, with their data. */
  async expectEvents(id: string, ...expected: readonly (readonly [event: string, data: unknown])[]): Promise<void> {
    const told = () => this.heard.filter((event) => event.taskId === id && event.event !== MARKER);
    const asPairs = () => told().map(({ event, data }) => [event, data]);
    await eventually(() => expect(asPairs()).toEqual(expected));
    // One more may be on its way: what comes after it tells that it is not.
    await this.passMarker(id);
    expect(asPairs()).toEqual(expected);
  }

  private async passMarker(id: string): Promise<void> {
    const data = ++this.markers;
    await this.raw.publish(this.keys.task(id), encodeEvent(MARKER, data));
    const isMarker = (event: TaskEvent) => event.event === MARKER && event.data === data;
    await eventually(() => expect(this.heard.some(isMarker)).toBe(true));
  }
}

export function newTask(id: string, options: Partial<NewTask> = {}): NewTask {
  return { id, name: 'probe', data: '{}', cleanup: true, ...options };
}

export function outcome(state: EndState): Outcome {
  return { state, output: `"${state}"`, event: encodeEvent(state.toLowerCase(), state) };
}

/** The event `start` of a first run, as `expectEvents` takes it. */
export function started(attempt = 1, worker = 'w1', task: string | null = 'probe'): [string, unknown] {
  return ['start', { task, attempt, worker }];
}
