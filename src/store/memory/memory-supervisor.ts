import { parseRecord, type TaskRecord } from '../../task/record';
import type { ReapReport, Retained, SupervisorStore } from '../supervisor-store';
import type { MemoryBroker } from './memory-broker';
import { dropFields, isFresh, lastUpdateMs, stateOf, type TaskHash } from './task-hash';

/** A report that is still being written. */
type OpenReport = { -readonly [part in keyof ReapReport]: string[] };

/** A task that may have lost its worker. */
interface Suspect {
  readonly id: string;
  readonly hash: TaskHash;
  readonly leaseMs: number;
  /** Its lease lapsed; false for those that have none, such as the tasks of pytask's workers. */
  readonly leaseLapsed: boolean;
}

export class MemorySupervisor implements SupervisorStore {
  constructor(private readonly broker: MemoryBroker) {}

  async reap(leaseMs: number): Promise<ReapReport> {
    const { active, clock, endQueue, leases, newQueue } = this.broker;
    const report: OpenReport = { requeued: [], removed: [], stopped: [], settled: [], returned: [] };
    this.broker.dropExpired();
    report.returned.push(...newQueue.returnLapsed(), ...endQueue.returnLapsed());
    const unleased = [...active].filter((id) => !leases.has(id));
    const lapsed = leases.takeDue(clock.nowMs());
    for (const id of lapsed) this.mend(id, leaseMs, true, report);
    for (const id of unleased) this.mend(id, leaseMs, false, report);
    return report;
  }

  async takeEnded(worker: string, limit: number, keepMs: number): Promise<TaskRecord[]> {
    const { endQueue } = this.broker;
    endQueue.register(worker, keepMs);
    return endQueue.take(worker, limit).flatMap((id, at, ids) => {
      const hash = this.broker.findEnded(id);
      const record = hash && parseRecord(id, Object.fromEntries(hash));
      if (record !== undefined && ids.indexOf(id) === at) return [record];
      endQueue.release(worker, id);
      return [];
    });
  }

  async settleEnded(worker: string, tasks: readonly Retained[]): Promise<void> {
    this.broker.dropExpired();
    for (const { id, keepMs } of tasks) {
      if (this.broker.findEnded(id) !== undefined) this.retain(id, keepMs);
      this.broker.endQueue.release(worker, id);
    }
  }

  async leaveEnded(worker: string): Promise<void> {
    this.broker.endQueue.leave(worker);
  }

  private retain(id: string, keepMs: number): void {
    if (keepMs <= 0) this.broker.erase(id);
    else if (Number.isFinite(keepMs)) this.broker.expireAt(id, this.broker.clock.nowMs() + keepMs);
    this.broker.active.delete(id);
  }

  private mend(id: string, leaseMs: number, leaseLapsed: boolean, report: OpenReport): void {
    const hash = this.broker.findTask(id);
    if (hash === undefined) {
      this.broker.active.delete(id);
      return;
    }
    const suspect = { id, hash, leaseMs, leaseLapsed };
    switch (stateOf(hash)) {
      case 'RUNNING':
        this.mendRunning(suspect, report);
        break;
      case 'WAIT':
        this.mendWaiting(suspect, report);
        break;
      case 'STOPPED':
        break;
      default:
        this.mendEnded(suspect, report);
    }
  }

  private mendRunning(suspect: Suspect, report: OpenReport): void {
    const { id, hash, leaseMs } = suspect;
    if (isFresh(hash, this.broker.clock.nowMs(), leaseMs)) {
      this.broker.leases.set(id, lastUpdateMs(hash) + leaseMs);
    } else if (hash.get('local') === 'true' || hash.get('control') === 'remove') {
      this.broker.markRemoved(id);
      report.removed.push(id);
    } else if (hash.get('control') === 'stop') {
      this.broker.markStopped(id, hash);
      report.stopped.push(id);
    } else {
      hash.set('state', 'WAIT');
      dropFields(hash, 'control');
      this.broker.publish(id, 'requeue');
      this.pushBack(id, hash);
      report.requeued.push(id);
    }
  }

  /** Its worker set it to wait and died before it could put it into the queue. */
  private mendWaiting({ id, hash, leaseLapsed }: Suspect, report: OpenReport): void {
    if (leaseLapsed && hash.has('lease') && this.pushBack(id, hash)) report.requeued.push(id);
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
    if (token !== undefined) return this.broker.newQueue.pushOnce(id, token, 'head');
    this.broker.newQueue.pushHead(id);
    return true;
  }
}
