import { crashOutput, LONG_RUN_LEASES } from '../../task/crash';
import {
  type Duty,
  emptyReport,
  type OpenReport,
  type OrphanReport,
  type ReapReport,
  type Retention,
  type SupervisorStore,
} from '../supervisor-store';
import type { MemoryBroker } from './memory-broker';
import { dropFields, isFresh, lastUpdateMs, numberIn, setFields, stateOf, type TaskHash } from './task-hash';

/** A task that may have lost its worker. */
interface Suspect {
  readonly id: string;
  readonly hash: TaskHash;
  readonly leaseMs: number;
  readonly maxCrashes: number;
  /** Whether a death is counted. */
  readonly counts: boolean;
  /** Its lease lapsed; false for those that have none, such as the tasks of pytask's workers. */
  readonly leaseLapsed: boolean;
}

export class MemorySupervisor implements SupervisorStore {
  constructor(private readonly broker: MemoryBroker) {}

  async elect(duty: Duty, _worker: string, leaseMs: number): Promise<number> {
    return this.broker.elect(duty, leaseMs);
  }

  /** No step is half done in memory: there are none. */
  async adoptOrphans(): Promise<OrphanReport> {
    return { found: new Set(), adopted: [] };
  }

  async reap(leaseMs: number, maxCrashes = Number.POSITIVE_INFINITY, counts = true): Promise<ReapReport> {
    const { active, clock, endQueue, leases, queues } = this.broker;
    const report = emptyReport();
    this.broker.dropExpired();
    for (const queue of [...queues.values(), endQueue]) report.returned.push(...queue.returnLapsed());
    const unleased = [...active].filter((id) => !leases.has(id));
    const lapsed = leases.takeDue(clock.nowMs());
    for (const id of lapsed) this.mend({ id, leaseMs, maxCrashes, counts, leaseLapsed: true }, report);
    for (const id of unleased) this.mend({ id, leaseMs, maxCrashes, counts, leaseLapsed: false }, report);
    for (const queue of queues.values()) {
      const isRunning = (id: string) => this.broker.findTask(id)?.get('state') === 'RUNNING';
      queue.lanes.freeHolders((id) => !isRunning(id) && !queue.includes(id));
    }
    return report;
  }

  async takeEnded(worker: string, limit: number, keepMs: number): Promise<readonly string[]> {
    const { endQueue } = this.broker;
    endQueue.register(worker, keepMs);
    return endQueue.take(worker, limit);
  }

  async settleEnded(worker: string, ids: readonly string[], { successMs, failureMs }: Retention): Promise<void> {
    this.broker.dropExpired();
    for (const id of ids) {
      const hash = this.broker.findEnded(id);
      if (hash !== undefined) this.retain(id, stateOf(hash) === 'SUCCESS' ? successMs : failureMs);
      this.broker.endQueue.release(worker, id);
    }
  }

  async leaveEnded(worker: string): Promise<void> {
    this.broker.endQueue.leave(worker);
  }

  private retain(id: string, keepMs: number): void {
    this.broker.uniques.release(this.broker.findEnded(id)?.get('unique'));
    if (keepMs <= 0) this.broker.erase(id);
    else if (Number.isFinite(keepMs)) this.broker.expireAt(id, this.broker.clock.nowMs() + keepMs);
    else this.broker.findEnded(id)?.set('kept', '1');
    this.broker.active.delete(id);
  }

  private mend(looked: Omit<Suspect, 'hash'>, report: OpenReport): void {
    const hash = this.broker.findTask(looked.id);
    if (hash === undefined) {
      this.broker.active.delete(looked.id);
      return;
    }
    const suspect = { ...looked, hash };
    switch (stateOf(hash)) {
      case 'RUNNING':
        this.mendRunning(suspect, report);
        break;
      // No step of ours is half done in memory; what waits was put there by others.
      case 'WAIT':
      case 'STOPPED':
        break;
      default:
        this.mendEnded(suspect, report);
    }
  }

  private mendRunning(suspect: Suspect, report: OpenReport): void {
    const { id, hash, leaseMs, maxCrashes, counts } = suspect;
    if (isFresh(hash, this.broker.clock.nowMs(), leaseMs)) {
      this.broker.leases.set(id, lastUpdateMs(hash) + leaseMs);
    } else if (hash.get('local') === 'true' || hash.get('control') === 'remove') {
      this.broker.markRemoved(id);
      report.removed.push(id);
    } else if (hash.get('control') === 'stop') {
      this.broker.markStopped(id, hash);
      report.stopped.push(id);
    } else if (counts && countCrash(hash, leaseMs) >= maxCrashes) {
      this.endCrashed(suspect);
      report.crashed.push(id);
    } else {
      hash.set('state', 'WAIT');
      dropFields(hash, 'control');
      this.broker.publish(id, 'requeue');
      this.pushBack(id, hash);
      report.requeued.push(id);
    }
  }

  private endCrashed({ id, hash, maxCrashes }: Suspect): void {
    const output = crashOutput(maxCrashes);
    dropFields(hash, 'control', 'lease');
    setFields(hash, { state: 'EXCEPTION', output, ended: String(this.broker.clock.nowMs()) });
    this.broker.publish(id, 'exception', output);
    if (hash.get('cleanup') === 'false') return;
    this.broker.endQueue.pushEnd(id);
    this.broker.active.delete(id);
  }

  /** Its worker wrote the end and died before it could put it into the end queue. */
  private mendEnded({ id, hash, leaseMs, leaseLapsed }: Suspect, report: OpenReport): void {
    if (!this.broker.active.has(id) || hash.get('cleanup') === 'false') return;
    if (!leaseLapsed && isFresh(hash, this.broker.clock.nowMs(), leaseMs)) return;
    if (!this.broker.endQueue.includes(id)) this.broker.endQueue.pushEnd(id);
    this.broker.active.delete(id);
    report.settled.push(id);
  }

  /** To the head of the queue: it has waited its turn already. Answers false where it had been put there before. */
  private pushBack(id: string, hash: TaskHash): boolean {
    const token = hash.get('lease');
    if (token !== undefined) return this.broker.queueOf(hash).pushOnce(id, token, 'head');
    this.broker.queueOf(hash).pushHead(id);
    return true;
  }
}

/** Counts one more death of a worker; from 1 again where the run had gone on for ten leases. */
function countCrash(hash: TaskHash, leaseMs: number): number {
  const livedMs = lastUpdateMs(hash) - numberIn(hash, 'started');
  const crashes = livedMs > LONG_RUN_LEASES * leaseMs ? 1 : numberIn(hash, 'crashes') + 1;
  hash.set('crashes', String(crashes));
  return crashes;
}
