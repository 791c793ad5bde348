import { crashOutput, LONG_RUN_LEASES } from '../../task/crash';
import type { TaskKeys } from '../../task/keys';
import {
  type Duty,
  emptyReport,
  type OpenReport,
  type OrphanReport,
  type ReapReport,
  type Retention,
  type SupervisorStore,
} from '../supervisor-store';
import { adopt, isOrphan } from './adopt';
import { checkPlaces } from './check-places';
import { giveBackTaken } from './give-back-taken';
import { Holders } from './holders';
import { LeaseIndex, type Leaving } from './lease-index';
import { type OwedPush, pushBack } from './push-back';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { RedisInboxes } from './redis-inboxes';
import { elect } from './scripts/elect';
import { type LapseReply, lapse } from './scripts/lapse';
import { lapsedIds } from './scripts/lapsed-ids';
import { pushEnded } from './scripts/push-ended';
import { reapInbox } from './scripts/reap-inbox';
import { retain } from './scripts/retain';
import { dropLogs, settleBeside } from './settle-beside';

/** How many lapsed ids one step looks at; a pass takes as many steps as there are. */
const LAPSED_A_STEP = 500;
/** A dead worker stays registered for an hour: more of them an hour than this would hide the newest. */
const DEAD_WORKERS_A_PASS = 50_000;
/** How many active ids one pass checks for a missing lease: foreign workers leave none. The next pass goes on from there. */
export const SUSPECTS_A_PASS = 10_000;
/** More are for the next scan. */
const ORPHANS_A_SCAN = 100_000;

interface LapseRules {
  readonly leaseMs: number;
  readonly longMs: number;
  /** 0: deaths are not counted in this pass. */
  readonly counts: 0 | 1;
  readonly maxCrashes: number;
  /** The output of a task that has reached it. */
  readonly output: string;
}

/** A task that is over, and the inbox that has a place of it still. */
interface Left {
  readonly id: string;
  readonly worker: string;
  /** Empty: the default one. */
  readonly queue: string;
  /** It is removed, and its log is left. */
  readonly hasLog: boolean;
}

export class RedisSupervisorStore implements SupervisorStore {
  private readonly inboxes: RedisInboxes;
  private readonly index: LeaseIndex;
  private readonly queues: QueueNames;
  private readonly holders: Holders;
  private scanCursor = '0';

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.inboxes = new RedisInboxes(redis, keys, keys.endQueue);
    this.index = new LeaseIndex(redis, keys);
    this.queues = new QueueNames(redis, keys);
    this.holders = new Holders(redis, keys);
  }

  elect(duty: Duty, worker: string, leaseMs: number): Promise<number> {
    return elect.run(this.redis, { lock: this.keys.duty(duty) }, { worker, leaseMs });
  }

  async reap(leaseMs: number, maxCrashes = Number.POSITIVE_INFINITY, counts = true): Promise<ReapReport> {
    const mended = emptyReport();
    const names = await this.queues.list();
    for (const queue of [...names.map((name) => this.keys.queue(name)), this.keys.endQueue])
      await this.reapInboxes(queue, leaseMs, mended);
    const rules: LapseRules = {
      leaseMs,
      longMs: LONG_RUN_LEASES * leaseMs,
      maxCrashes: Math.min(maxCrashes, Number.MAX_SAFE_INTEGER),
      output: crashOutput(maxCrashes),
      counts: counts ? 1 : 0,
    };
    let lapsed: string[];
    do {
      lapsed = await lapsedIds.run(this.redis, { times: this.keys.leases }, { limit: LAPSED_A_STEP });
      await this.mend(lapsed, true, rules, mended);
    } while (lapsed.length === LAPSED_A_STEP);
    await this.mend(await this.suspects(), false, rules, mended);
    for (const name of names) await this.holders.reap(name, leaseMs);
    return mended;
  }

  async adoptOrphans(before: ReadonlySet<string>): Promise<OrphanReport> {
    const { findings } = await checkPlaces(this.redis, this.keys, { limit: ORPHANS_A_SCAN });
    const orphans = findings.filter(isOrphan);
    const known = orphans.filter(({ id }) => before.has(id));
    for (const orphan of known) await adopt(this.redis, this.keys, orphan);
    return { found: new Set(orphans.map(({ id }) => id)), adopted: known.map(({ id }) => id) };
  }

  async takeEnded(worker: string, limit: number, keepMs: number): Promise<readonly string[]> {
    return (await this.inboxes.of(worker).take(limit, keepMs)).ids;
  }

  async settleEnded(worker: string, ids: readonly string[], retention: Retention): Promise<void> {
    if (ids.length === 0) return;
    const inbox = this.inboxes.of(worker);
    await inbox.holding(ids, async () => {
      const keeps = { successMs: keepArg(retention.successMs), failureMs: keepArg(retention.failureMs) };
      const rows = ids.map((id) => ({ key: this.keys.task(id) }));
      const replies = await retain.run(this.redis, rows, keeps);
      const ended = ids.filter((_, position) => replies[position] !== 0);
      const leaving = ended.map((id) => ({ id, stays: false, latestMs: 0 }));
      await this.index.leave(leaving);
      await settleBeside(this.redis, this.keys, ids, replies);
      await inbox.release(ids.map((id) => ({ id })));
    });
  }

  leaveEnded(worker: string): Promise<void> {
    return this.inboxes.leave(worker);
  }

  private async reapInboxes(queue: string, leaseMs: number, mended: OpenReport): Promise<void> {
    const workers = this.keys.workers(queue);
    for (const worker of await lapsedIds.run(this.redis, { times: workers }, { limit: DEAD_WORKERS_A_PASS })) {
      const inbox = this.keys.inbox(queue, worker);
      const reap = (over: readonly string[]) =>
        reapInbox.run(this.redis, { queue, inbox, workers }, { worker, leaves: 0 }, over);
      const ids = await (queue === this.keys.endQueue
        ? reap([])
        : giveBackTaken(this.redis, this.keys, this.index, { worker, queue, leaseMs, reap }));
      mended.returned.push(...ids);
    }
  }

  /** Active ids without a lease entry, a bounded number a pass. */
  private async suspects(): Promise<string[]> {
    const suspects: string[] = [];
    let looked = 0;
    do {
      const [cursor, ids] = await this.redis.call((client) =>
        client.sscan(this.keys.taskSet, this.scanCursor, 'COUNT', 1_000),
      );
      this.scanCursor = cursor;
      looked += ids.length;
      if (ids.length > 0) {
        const lapses = await this.redis.call((client) => client.zmscore(this.keys.leases, ...ids));
        suspects.push(...ids.filter((_, position) => lapses[position] === null));
      }
    } while (this.scanCursor !== '0' && looked < SUSPECTS_A_PASS);
    return suspects;
  }

  private async mend(ids: readonly string[], lapsed: boolean, rules: LapseRules, mended: OpenReport): Promise<void> {
    if (ids.length === 0) return;
    const rows = ids.map((id) => ({ key: this.keys.task(id), lapsed: lapsed ? 1 : 0 }));
    const replies = await lapse.run(this.redis, rows, rules);
    const owed: OwedPush[] = [];
    const ended: string[] = [];
    const alive: { id: string; lapsesMs: number }[] = [];
    const over: Leaving[] = [];
    const left: Left[] = [];
    ids.forEach((id, position) => {
      const reply = replies[position] as LapseReply;
      if (reply[0] === 'requeue') {
        const [, token, from, queue, due] = reply;
        owed.push({ id, token, from, queue, due: due ?? undefined });
      }
      if (reply[0] === 'crashed' || reply[0] === 'removed' || reply[0] === 'stopped') {
        mended[reply[0]].push(id);
        left.push({ id, worker: reply[1], queue: reply[2], hasLog: reply[0] === 'removed' && reply[3] === 1 });
      }
      const ends = reply[0] === 'ended' || (reply[0] === 'crashed' && reply[3] === 1);
      if (ends) ended.push(id);
      if (reply[0] === 'alive') alive.push({ id, lapsesMs: reply[1] });
      else over.push({ id, stays: !ends && reply[0] !== 'gone' && reply[0] !== 'removed', latestMs: 0 });
    });
    // Else the dead worker's inbox would bring them back.
    await Promise.all(left.map((one) => this.clearBeside(one)));
    const pushed = await pushBack(this.redis, this.keys, owed, 'head');
    mended.requeued.push(...owed.filter((_, position) => pushed[position]).map(({ id }) => id));
    const settled = await Promise.all(ended.map((id) => this.settle(id)));
    mended.settled.push(...ended.filter((id, position) => settled[position] && !mended.crashed.includes(id)));
    await this.index.enterFound(alive);
    await this.index.leave(over);
  }

  private async clearBeside({ id, worker, queue, hasLog }: Left): Promise<void> {
    if (hasLog) await dropLogs(this.redis, this.keys, [id]);
    if (worker === '') return;
    const inbox = this.keys.inbox(this.keys.queue(queue), worker);
    await this.redis.call((client) => client.lrem(inbox, -1, id));
  }

  /** Only an id still in the active set was not settled by its own worker. */
  private async settle(id: string): Promise<boolean> {
    if ((await this.redis.call((client) => client.sismember(this.keys.taskSet, id))) === 0) return false;
    return (await pushEnded.run(this.redis, { queue: this.keys.endQueue }, { id })) === 1;
  }
}

/** As the script takes it: -1 for good. */
function keepArg(keepMs: number): number {
  return Number.isFinite(keepMs) ? Math.ceil(keepMs) : -1;
}
