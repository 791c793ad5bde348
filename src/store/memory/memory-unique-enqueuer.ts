import type { Due } from '../../task/due';
import type { NewTask } from '../producer-store';
import {
  claimedTask,
  claimText,
  debounceDue,
  judge,
  keyHash,
  rememberedMs,
  type UniqueClaim,
  type UniqueReply,
} from '../unique';
import type { MemoryBroker } from './memory-broker';
import { stateOf } from './task-hash';

/** What a unique start does to tasks, as any start does. */
interface Tasks {
  /** False where a task of the id waits or runs. */
  enqueueOne(task: NewTask): boolean;
  /** False where the task does not wait for a time. */
  postpone(id: string, due: Due): boolean;
}

/** Starts tasks that are to be the only ones of their key. */
export class MemoryUniqueEnqueuer {
  constructor(
    private readonly broker: MemoryBroker,
    private readonly tasks: Tasks,
  ) {}

  async enqueue(task: NewTask, claim: UniqueClaim): Promise<UniqueReply> {
    const hash = keyHash(task.name, claim.key);
    const earlier = this.broker.uniques.get(hash);
    if (earlier && this.isDuplicateOf(earlier, hash, task, claim)) return { kind: 'duplicate', id: earlier.id };
    if (!this.tasks.enqueueOne(claimedTask(task, claim))) return { kind: 'exists', id: task.id };
    const token = this.broker.newToken('unique');
    this.broker.uniques.set(hash, { id: task.id, token }, rememberedMs(claim));
    this.broker.findOrMake(task.id).set('unique', claimText(hash, token));
    return { kind: 'started', id: task.id };
  }

  private isDuplicateOf(
    { id, token, atMs }: { readonly id: string; readonly token: string; readonly atMs: number },
    hash: string,
    task: NewTask,
    claim: UniqueClaim,
  ): boolean {
    const found = this.broker.findTask(id);
    const owner = found?.get('unique') === claimText(hash, token) ? found : undefined;
    const verdict = judge(claim, { state: owner && stateOf(owner), ageMs: this.broker.clock.nowMs() - atMs });
    if (verdict === 'start') return false;
    const due = debounceDue(claim);
    if (verdict === 'postpone' && !(due && this.tasks.postpone(id, due))) return false;
    if (verdict === 'postpone') owner?.delete('deadline');
    if (verdict === 'postpone' && task.deadline) owner?.set('deadline', String(this.broker.timeOf(task.deadline)));
    if (verdict !== 'keep') owner?.set('data', task.data);
    return true;
  }
}
