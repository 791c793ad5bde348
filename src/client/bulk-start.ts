import { type RefusedStart, type StartedTask, StartManyError, type StartManyReport } from '../bulk-errors';
import { nextTurn } from '../clock';
import { InputError, JsonValueError, TaskExistsError, TaskIdError } from '../errors';
import type { IdSource } from '../ids';
import type { NewTask, ProducerStore } from '../store/producer-store';
import type { UniqueClaim, UniqueReply } from '../store/unique';
import { assertUsableId } from '../task/keys';
import type { InputSource } from './input-source';
import type { TaskMaker } from './task-maker';
import { type ClaimedTask, enqueueClaimed } from './unique-start';

/**
 * So many inputs go out together at most, while as many are validated: 1,000 are in memory. The store on Redis makes two
 * calls of them, so that Redis works at the second while the reply to the first travels: some 20 percent faster than 250.
 * More would gain little, and these are what is in doubt if the replies are lost.
 */
export const LARGEST_CHUNK = 500;
/** Long inputs go out before they are so many, in characters of JSON: Redis serves nobody else while it reads a call. */
const LONGEST_CHUNK = 1_000_000;
/** The report lists so many of each kind, refused ones with their inputs; enough to see what is wrong, and no memory to speak of. */
export const MOST_KEPT = 100;

/** What is needed to make a task of an input, and to write it. */
export interface BulkStartParts {
  readonly store: Pick<ProducerStore, 'enqueue' | 'enqueueUnique' | 'confirmReplicated'>;
  readonly ids: IdSource;
  readonly maker: TaskMaker;
  /** Called in the order of the inputs, once they are in the queue. */
  readonly onStarted: ((id: string, index: number) => void | Promise<void>) | undefined;
  /** How long to wait for a replica of each chunk; undefined: not at all. */
  readonly replicaMs: number | undefined;
  /** The context that the runs get; undefined: none. */
  readonly trace?: string | undefined;
}

interface Candidate {
  readonly index: number;
  readonly input: unknown;
  readonly task: NewTask;
  readonly claim: UniqueClaim | undefined;
}

type Fate = UniqueReply['kind'] | PromiseRejectedResult;

class Chunk {
  readonly candidates: Candidate[] = [];
  readonly refused: RefusedStart[] = [];
  private length = 0;

  get size(): number {
    return this.candidates.length + this.refused.length;
  }

  get isFull(): boolean {
    return this.size >= LARGEST_CHUNK || this.length >= LONGEST_CHUNK;
  }

  add(candidate: Candidate): void {
    this.candidates.push(candidate);
    this.length += candidate.task.data.length;
  }
}

/**
 * Starts a task of every input: one chunk is written while the next is validated. A chunk goes out when it is full, and
 * before if nothing is on its way and the source makes us wait.
 */
export class BulkStart {
  private collected = new Chunk();
  /** The chunk that is on its way; it never rejects. */
  private writing: Promise<void> | undefined;
  private started = 0;
  private duplicates = 0;
  private refusedCount = 0;
  private readonly refused: RefusedStart[] = [];
  private notReplicatedCount = 0;
  private readonly notReplicated: StartedTask[] = [];
  private inDoubt: StartedTask[] = [];
  /** All inputs before it are in the report, or in doubt; none from it on was sent. */
  private nextIndex = 0;

  constructor(
    private readonly source: InputSource,
    private readonly parts: BulkStartParts,
  ) {}

  /** To be called once. @throws {StartManyError} */
  async run(): Promise<StartManyReport> {
    try {
      await this.readAll();
      await this.drain();
      // Throws, if the last chunk was cut short.
      if (this.source.interruption) await this.source.next();
      return this.report();
    } catch (error) {
      await this.source.leave();
      // What the source gave before it threw is started, however the chunks fell.
      await this.drain();
      const { inDoubt, nextIndex } = this;
      // What kept the rest from being written explains the doubt; the source would throw again.
      const cause = this.source.interruption ? this.source.interruption.reason : error;
      throw new StartManyError(this.parts.maker.taskName, this.report(), { inDoubt, nextIndex, cause });
    }
  }

  private report(): StartManyReport {
    const { started, duplicates, refused, refusedCount, notReplicated: first, notReplicatedCount: count } = this;
    const report = { started, duplicates, refused, refusedCount };
    return this.parts.replicaMs === undefined ? report : { ...report, notReplicated: { count, first } };
  }

  private async readAll(): Promise<void> {
    for (let index = 0; ; index++) {
      const read = this.source.next();
      const { done, value } = read instanceof Promise ? await read : read;
      if (done) return;
      this.collect(value, index);
      if (this.collected.isFull) {
        this.send();
        // The write leaves, and others get their turn, before the next chunk is validated.
        await nextTurn();
        while (this.collected.isFull && this.writing) await this.writing;
      } else if (this.source.isAsync) {
        this.send();
      }
    }
  }

  /** Waits for what is on its way, and unless interrupted sends the rest. */
  private async drain(): Promise<void> {
    this.send();
    while (this.writing) await this.writing;
  }

  private send(): void {
    if (this.writing || this.collected.size === 0 || this.source.interruption) return;
    this.writing = this.write().then(
      () => this.sendNext(),
      (error) => {
        this.source.interrupt(error);
        this.sendNext();
      },
    );
  }

  private sendNext(): void {
    this.writing = undefined;
    this.send();
  }

  private async write(): Promise<void> {
    // What an async source gives in one turn of the event loop travels together.
    if (!this.collected.isFull) await nextTurn();
    if (this.source.interruption) return;
    const { candidates, refused, size } = this.collected;
    this.collected = new Chunk();
    this.nextIndex += size;
    const begun: Candidate[] = [];
    try {
      const fates = await this.enqueue(candidates);
      candidates.forEach((candidate, position) => {
        const { index, input, task } = candidate;
        const fate = fates[position];
        if (fate === 'started') begun.push(candidate);
        else if (fate === 'duplicate') this.duplicates += 1;
        else if (fate === 'exists') refused.push(refusal(index, task.id, input, new TaskExistsError(task.id)));
        else this.inDoubt.push({ index, id: task.id });
      });
      const failure = fates.find((fate) => typeof fate === 'object');
      if (failure) throw failure.reason;
    } finally {
      this.started += begun.length;
      this.refuse(refused);
    }
    await this.confirm(begun);
    await this.tell(begun);
  }

  /** What became of each; the failure of the store for those that are in doubt. */
  private async enqueue(candidates: readonly Candidate[]): Promise<Fate[]> {
    if (candidates.some(({ claim }) => claim)) {
      const results = await enqueueClaimed(this.parts.store, candidates as readonly ClaimedTask[]);
      return results.map((result) => (result.status === 'fulfilled' ? result.value : result));
    }
    if (candidates.length === 0) return [];
    try {
      const replies = await this.parts.store.enqueue(candidates.map(({ task }) => task));
      return replies.map((enqueued) => (enqueued ? 'started' : 'exists'));
    } catch (reason) {
      return candidates.map(() => ({ status: 'rejected', reason }));
    }
  }

  /** Once for all of a chunk. Where the store goes away meanwhile, nothing is known of any of them. */
  private async confirm(begun: readonly Candidate[]): Promise<void> {
    const { replicaMs, store } = this.parts;
    if (replicaMs === undefined || begun.length === 0) return;
    let lacking = new Set(begun.map(({ task }) => task.id));
    try {
      lacking = new Set(await store.confirmReplicated([...lacking], replicaMs, begun[0]?.task.queue));
    } finally {
      this.notReplicatedCount += lacking.size;
      const room = MOST_KEPT - this.notReplicated.length;
      const tasks = begun.map(({ index, task }) => ({ index, id: task.id }));
      if (room > 0) this.notReplicated.push(...tasks.filter(({ id }) => lacking.has(id)).slice(0, room));
    }
  }

  private async tell(begun: readonly Candidate[]): Promise<void> {
    const { onStarted } = this.parts;
    if (onStarted === undefined) return;
    for (const { task, index } of begun) {
      const told = onStarted(task.id, index);
      if (told !== undefined) await told;
    }
  }

  private refuse(refused: readonly RefusedStart[]): void {
    this.refusedCount += refused.length;
    const room = MOST_KEPT - this.refused.length;
    if (room > 0) this.refused.push(...refused.toSorted((a, b) => a.index - b.index).slice(0, room));
  }

  private collect(item: unknown, index: number): void {
    // No input is an array, so a pair is the id and the input.
    const isPair = Array.isArray(item) && item.length === 2;
    const [id, input]: readonly unknown[] = isPair ? item : [undefined, item];
    try {
      if (isPair) assertUsableId(id);
      const { ids, maker, trace } = this.parts;
      const task = maker.make(isPair ? (id as string) : ids.next(), input, !isPair, trace);
      this.collected.add({ index, input, task, claim: maker.claimOf(task) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.collected.refused.push(refusal(index, isPair ? id : undefined, input, error));
    }
  }
}

/** @param id As it was given; undefined where none was. */
function refusal(index: number, id: unknown, input: unknown, error: RefusedStart['error']): RefusedStart {
  return typeof id === 'string' ? { index, id, input, error } : { index, input, error };
}

/** Any other error is no matter of this input alone. */
function isRefusal(error: unknown): error is RefusedStart['error'] {
  return [InputError, JsonValueError, TaskIdError].some((kind) => error instanceof kind);
}
