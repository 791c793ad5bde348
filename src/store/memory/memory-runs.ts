import { isControlIntent } from '../../task/control';
import { DEFAULT_PRIORITY } from '../../task/priority';
import { readErrors } from '../../task/record';
import { type Beat, type Lease, MOST_ERRORS, type Outcome, type RequeueReply, type Retry } from '../worker-store';
import type { MemoryBroker } from './memory-broker';
import { dropFields, numberIn, setFields, stampOf, stateOf } from './task-hash';

const LOST: Beat = { lost: true };

/** The part of a worker's store that a run writes through; every write is fenced by the run's lease. */
export class MemoryRuns {
  constructor(private readonly broker: MemoryBroker) {}

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Beat[]> {
    const nowMs = this.broker.clock.nowMs();
    return leases.map((lease): Beat => {
      const hash = this.broker.findRun(lease);
      if (hash === undefined) return LOST;
      hash.set('last_update', stampOf(nowMs));
      this.broker.leases.set(lease.id, nowMs + leaseMs);
      const control = hash.get('control') ?? '';
      return { lost: false, control: isControlIntent(control) ? control : undefined };
    });
  }

  async emit(lease: Lease, event: string, progress?: string): Promise<boolean> {
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return false;
    if (progress !== undefined) hash.set('progress', progress);
    this.broker.publishText(lease.id, event);
    return true;
  }

  async appendLog(lease: Lease, line: string, most: number): Promise<boolean> {
    const { logs } = this.broker;
    if (this.broker.findRun(lease) === undefined) return false;
    const lines = logs.get(lease.id) ?? [];
    logs.set(lease.id, lines);
    lines.push(line);
    if (lines.length > most) lines.splice(0, lines.length - most);
    return true;
  }

  async rejectReload(lease: Lease, event: string): Promise<boolean> {
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return false;
    // A stop or removal asked for since then stands.
    if (hash.get('control') === 'reload') hash.delete('control');
    this.broker.publishText(lease.id, event);
    return true;
  }

  async finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    const { id, token, cleanup } = lease;
    const hash = this.broker.findRun(lease);
    if (hash === undefined) {
      const ended = this.broker.findEnded(id);
      // The answer to an earlier call was lost: this run's end is written already.
      return ended?.get('lease') === token && stateOf(ended) === outcome.state;
    }
    this.free(lease);
    const ended = String(this.broker.clock.nowMs());
    const removed = hash.get('control') === 'remove';
    setFields(hash, { state: outcome.state, output: outcome.output, ended });
    hash.delete('control');
    this.broker.publishText(id, outcome.event);
    if (removed) {
      this.broker.markRemoved(id);
      return true;
    }
    this.broker.leases.delete(id);
    if (cleanup) {
      this.broker.endQueue.pushEnd(id);
      this.broker.active.delete(id);
    }
    return true;
  }

  async settleStop(lease: Lease): Promise<'stopped' | 'removed' | 'lost'> {
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return 'lost';
    this.free(lease);
    if (hash.get('control') === 'remove') {
      this.broker.markRemoved(lease.id);
      return 'removed';
    }
    this.broker.markStopped(lease.id, hash);
    return 'stopped';
  }

  async requeue(leases: readonly Lease[], traces?: ReadonlyMap<string, string>): Promise<RequeueReply[]> {
    return leases.map((lease) => this.requeueOne(lease, traces?.get(lease.id)));
  }

  async retry(lease: Lease, { delayMs, error, event, trace }: Retry): Promise<RequeueReply> {
    const { id } = lease;
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return 'lost';
    const control = hash.get('control');
    if (control === 'stop' || control === 'remove') return this.requeueOne(lease);
    this.free(lease);
    const dueMs = this.broker.clock.nowMs() + Math.ceil(delayMs);
    const errors = readErrors(hash.get('errors'));
    setFields(hash, {
      state: 'WAIT',
      due: String(dueMs),
      failures: String(numberIn(hash, 'failures') + 1),
      errors: JSON.stringify([...errors, error].slice(-MOST_ERRORS)),
    });
    if (trace !== undefined) hash.set('attempt_trace', trace);
    dropFields(hash, 'control', 'crashes');
    this.broker.leases.delete(id);
    this.broker.publishText(id, event);
    this.broker.queueOf(hash).delay(id, dueMs, DEFAULT_PRIORITY);
    return 'requeued';
  }

  async discardLocal(lease: Lease): Promise<boolean> {
    if (this.broker.findRun(lease) === undefined) return false;
    this.broker.markRemoved(lease.id);
    return true;
  }

  /** The place under limits that a run holds which is over. */
  private free({ id, limited, queue }: Lease): void {
    if (limited !== undefined) this.broker.queue(queue).lanes.free(limited, id);
  }

  private requeueOne(lease: Lease, trace?: string): RequeueReply {
    const { id, token } = lease;
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return 'lost';
    this.free(lease);
    const control = hash.get('control');
    if (control === 'stop') {
      this.broker.markStopped(id, hash);
      return 'stopped';
    }
    if (control === 'remove') {
      this.broker.markRemoved(id);
      return 'removed';
    }
    hash.set('state', 'WAIT');
    if (trace !== undefined) hash.set('attempt_trace', trace);
    dropFields(hash, 'control');
    this.broker.leases.delete(id);
    this.broker.publish(id, 'requeue');
    this.broker.queueOf(hash).pushOnce(id, token, 'head');
    return 'requeued';
  }
}
