import type { Clock } from '../../clock';
import { readClaim } from '../unique';
import { DueTimes } from './due-times';

interface KeyOwner {
  readonly id: string;
  readonly token: string;
  readonly atMs: number;
  /** Until when the key is remembered although the task is over. */
  readonly untilMs: number;
}

/** The unique keys: which task has claimed each last. */
export class MemoryUniques {
  private readonly owners = new Map<string, KeyOwner>();
  /** Of keys whose task is over, but whose window is not. */
  private readonly expiries = new DueTimes();

  constructor(private readonly clock: Clock) {}

  get(hash: string): KeyOwner | undefined {
    for (const expired of this.expiries.takeDue(this.clock.nowMs())) this.owners.delete(expired);
    return this.owners.get(hash);
  }

  set(hash: string, { id, token }: Pick<KeyOwner, 'id' | 'token'>, windowMs: number): void {
    const atMs = this.clock.nowMs();
    this.owners.set(hash, { id, token, atMs, untilMs: atMs + windowMs });
    this.expiries.delete(hash);
  }

  /** Forgets the key of a task that is over, once its window is. @param claim The task's field `unique`. */
  release(claim: string | undefined): void {
    if (claim === undefined) return;
    const [hash, token] = readClaim(claim);
    const owner = this.get(hash);
    if (owner?.token !== token) return;
    if (owner.untilMs > this.clock.nowMs()) this.expiries.set(hash, owner.untilMs);
    else this.owners.delete(hash);
  }
}
