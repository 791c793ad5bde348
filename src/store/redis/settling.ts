import { inNextTurn } from '../../clock';
import type { TaskKeys } from '../../task/keys';
import { forgetUsed } from './give-back-taken';
import type { LeaseIndex } from './lease-index';
import type { RedisConnection } from './redis-connection';
import type { RedisInbox, Release } from './redis-inbox';
import { giveUpUsed } from './scripts/give-up-used';

/** Opened ids of one call whose places in the inbox are still to be given up. */
export interface OpenedPlaces {
  readonly inbox: RedisInbox;
  readonly worker: string;
  readonly leaseMs: number;
  /** Those that run, here or elsewhere. */
  readonly running: readonly string[];
  /** The places that were used up without effect. */
  readonly used: readonly Release[];
  /** All others that are over. */
  readonly places: readonly Release[];
}

interface Batch extends OpenedPlaces {
  /** While the places are being given up. */
  sending: Promise<void> | undefined;
  failed: boolean;
}

/** Gives up the places of what is open, and does not forget those where that failed. */
export class Settling {
  private readonly batches = new Set<Batch>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly index: LeaseIndex,
  ) {}

  /** What is open has begun, whatever becomes of its places: they are given up beside what comes next. */
  async add(opened: OpenedPlaces): Promise<void> {
    // Apart, as what is repeated of the one must not be of the other.
    const { used, running, places } = opened;
    if (used.length > 0) this.batches.add({ ...opened, running: [], places: [], sending: undefined, failed: false });
    if (running.length + places.length > 0) {
      this.batches.add({ ...opened, used: [], sending: undefined, failed: false });
    }
    if (this.redis.isCluster) await this.settle().catch(() => {});
    // Two turns: an end of this one or the next carries them for nothing.
    else inNextTurn(() => inNextTurn(() => void this.settle().catch(() => {})));
  }

  /** Whether places were used up that are not given up: they would stand for the next ones of their ids. */
  get hasUsed(): boolean {
    return [...this.batches].some(({ used }) => used.length > 0);
  }

  /**
   * Gives up places before anything else is done: on one Redis what was sent is run before what is sent now, so that
   * only what has failed before is waited for.
   */
  async settle(which: (batch: Batch) => boolean = () => true): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const batch of this.batches) {
      if (!which(batch)) continue;
      // Until the mark of a used place is gone, the next place of its id must not be taken: it would pass for the used one.
      const waited = this.redis.isCluster || batch.used.length > 0 || (batch.failed && !batch.sending);
      this.follow(batch, () => this.giveUp(batch));
      if (waited && batch.sending) waits.push(batch.sending);
    }
    await Promise.all(waits);
  }

  /**
   * Gives up what a take has to know of: what goes back into the queue, and what it is not known of whether it was given up;
   * repeated after a take, that could hit newer places of the same ids. On a cluster everything.
   */
  settleBeforeTake(): Promise<void> {
    return this.settle((batch) => this.redis.isCluster || !isOfRuns(batch));
  }

  /**
   * Has the call that writes ends give up the places of what runs, of one inbox; all others are given up before: an end
   * that is seen before its place is gone would be run again, should this worker die in between.
   */
  async end<T>(write: (inbox: RedisInbox | undefined, places: readonly Release[]) => Promise<T>): Promise<T> {
    const inbox = [...this.batches].find(isOfRuns)?.inbox;
    const isCarried = (batch: Batch) => batch.inbox === inbox && isOfRuns(batch);
    await this.settle((batch) => !isCarried(batch));
    return this.carry(isCarried, (places) => write(inbox, places));
  }

  private async giveUp(batch: Batch): Promise<void> {
    const { inbox, running, leaseMs, places, used } = batch;
    if (!this.redis.isCluster) return used.length > 0 ? this.giveUpUsed(batch) : inbox.release(places);
    // In the index before out of the inbox: an id is always in a place where the monitor looks.
    await this.index.enter(running, leaseMs);
    await inbox.release([...places, ...used]);
    // Not before that is done: where it was lost, the mark is what tells that the place had no effect.
    await this.forgetUsed(batch);
  }

  private async giveUpUsed({ worker, inbox, used }: Batch): Promise<void> {
    inbox.givingUp(used);
    const rows = used.map(({ id }) => ({ key: this.keys.task(id), id }));
    const args = { worker, queueField: this.keys.queueField(inbox.queue) };
    await giveUpUsed.run(this.redis, rows, args, [], { inbox: inbox.both.inbox });
  }

  private carry<T>(which: (batch: Batch) => boolean, call: (places: readonly Release[]) => Promise<T>): Promise<T> {
    const batches = [...this.batches].filter((batch) => !batch.sending && which(batch));
    const called = call(batches.flatMap(({ places }) => places));
    for (const batch of batches) this.follow(batch, () => called);
    return called;
  }

  private follow(batch: Batch, send: () => Promise<unknown>): void {
    batch.sending ??= send().then(
      () => void this.batches.delete(batch),
      (error: unknown) => {
        batch.sending = undefined;
        batch.failed = true;
        throw error;
      },
    );
    batch.sending.catch(() => {}); // It is tried again; who waits has the error.
  }

  private forgetUsed({ worker, inbox, used }: Batch): Promise<void> {
    const ids = used.map(({ id }) => id);
    return forgetUsed(this.redis, this.keys, { worker, queue: inbox.queue }, ids);
  }
}

/** Whether nothing of it needs a look at how many places were given up. */
function isOfRuns({ running, places, used, failed }: Batch): boolean {
  return !failed && used.length === 0 && running.length === places.length;
}
