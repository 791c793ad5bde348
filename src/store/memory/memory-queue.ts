import Denque from 'denque';
import type { Clock } from '../../clock';
import { DueTimes } from './due-times';
import { MemoryInbox } from './memory-inbox';

/** As long as the mark of a push lives on Redis. */
const PUSHED_MARK_MS = 3_600_000;
/** Timers of the platform end at 24 days; a longer wait goes on in steps. */
const LONGEST_TIMER_MS = 3_600_000;

/** A queue of ids with what stands beside it: the inboxes of its workers, their registrations, and delayed ids. */
export class MemoryQueue {
  /** The head, taken next, is the front. */
  private readonly waiting = new Denque<string>();
  private readonly delayed = new DueTimes();
  private readonly inboxes = new Map<string, MemoryInbox>();
  /** Worker -> until when its inbox is its own, in epoch milliseconds. */
  private readonly registeredUntilMs = new Map<string, number>();
  private readonly pushedMarks = new DueTimes();
  private readonly waiters = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get length(): number {
    return this.waiting.length;
  }

  get delayedCount(): number {
    return this.delayed.size;
  }

  /** The next ids to be taken, at most `limit`. */
  peek(limit = Number.POSITIVE_INFINITY): string[] {
    const ids: string[] = [];
    for (let at = 0; at < Math.min(limit, this.waiting.length); at++) ids.push(this.waiting.peekAt(at) as string);
    return ids;
  }

  /** True where the id waits here, now or later, or is in an inbox. */
  includes(id: string): boolean {
    return (
      this.delayed.has(id) ||
      this.peek().includes(id) ||
      [...this.inboxes.values()].some((inbox) => inbox.ids.includes(id))
    );
  }

  pushEnd(id: string): void {
    this.waiting.push(id);
    this.wake();
  }

  /** @param ids The first of them is taken next. */
  pushHead(...ids: readonly string[]): void {
    for (const id of ids.toReversed()) this.waiting.unshift(id);
    if (ids.length > 0) this.wake();
  }

  /** Pushes the id unless it was pushed under this token before; answers whether it was. */
  pushOnce(id: string, token: string, place: 'head' | 'end'): boolean {
    const nowMs = this.clock.nowMs();
    const mark = `${id}:${token}`;
    this.pushedMarks.takeDue(nowMs);
    if (this.pushedMarks.has(mark)) return false;
    this.pushedMarks.set(mark, nowMs + PUSHED_MARK_MS);
    if (place === 'head') this.pushHead(id);
    else this.pushEnd(id);
    return true;
  }

  /** Puts the id at the head of the queue at a later time. */
  delay(id: string, dueMs: number): void {
    this.delayed.set(id, dueMs);
    this.wake();
  }

  /** Takes the id out of where it waits for its time; answers whether it did. */
  withdraw(id: string): boolean {
    const waits = this.delayed.has(id);
    this.delayed.delete(id);
    return waits;
  }

  isRegistered(worker: string): boolean {
    return (this.registeredUntilMs.get(worker) ?? Number.NEGATIVE_INFINITY) > this.clock.nowMs();
  }

  /**
   * Extends the worker's registration.
   * @returns True where it had lapsed: what the worker holds is not its own any more.
   */
  register(worker: string, keepMs: number): boolean {
    const lapsed = this.registeredUntilMs.has(worker) && !this.isRegistered(worker);
    if (lapsed) this.inboxes.get(worker)?.forget();
    this.registeredUntilMs.set(worker, this.clock.nowMs() + keepMs);
    return lapsed;
  }

  /** Moves at most `limit` ids into the worker's inbox, and hands them out. */
  take(worker: string, limit: number): string[] {
    this.pushHead(...this.delayed.takeDue(this.clock.nowMs()));
    const inbox = this.inboxOf(worker);
    const taken = inbox.takeStrays(limit);
    while (taken.length < limit) {
      const id = this.waiting.shift();
      if (id === undefined) break;
      inbox.add(id);
      taken.push(id);
    }
    return taken;
  }

  release(worker: string, id: string): void {
    this.inboxes.get(worker)?.release(id);
  }

  /** What the worker holds of these ids goes back to the head, the first of them to be taken next. */
  putBack(worker: string, ids: readonly string[]): void {
    const inbox = this.inboxOf(worker);
    const held = ids.filter((id) => {
      const holds = inbox.holds(id);
      inbox.release(id);
      return holds;
    });
    this.pushHead(...held);
  }

  /** The worker's inbox goes back to the head, and its registration ends. */
  leave(worker: string): void {
    this.returnInbox(worker);
    this.registeredUntilMs.delete(worker);
  }

  /** Returns the inboxes of workers whose registration has lapsed; answers with their ids. */
  returnLapsed(): string[] {
    // Their registrations stay: a worker that was only slow has to learn from its next `take` that it lapsed.
    return [...this.registeredUntilMs.keys()].flatMap((worker) =>
      this.isRegistered(worker) ? [] : this.returnInbox(worker),
    );
  }

  inboxOf(worker: string): MemoryInbox {
    let inbox = this.inboxes.get(worker);
    if (inbox === undefined) {
      inbox = new MemoryInbox();
      this.inboxes.set(worker, inbox);
    }
    return inbox;
  }

  /** Resolves once something was pushed or a delayed id is due, after `waitMs`, or when the signal aborts. */
  changed(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const dueMs = this.delayed.nextMs() ?? Number.POSITIVE_INFINITY;
    const timeoutMs = Math.min(waitMs, dueMs - this.clock.nowMs(), LONGEST_TIMER_MS);
    return new Promise((resolve) => {
      const finish = () => {
        timer.cancel();
        signal?.removeEventListener('abort', finish);
        this.waiters.delete(finish);
        resolve();
      };
      const timer = this.clock.setTimer(finish, timeoutMs);
      signal?.addEventListener('abort', finish, { once: true });
      this.waiters.add(finish);
    });
  }

  /** Lets everyone who waits for a change look again. */
  private wake(): void {
    for (const finish of [...this.waiters]) finish();
  }

  private returnInbox(worker: string): string[] {
    const ids = this.inboxes.get(worker)?.ids ?? [];
    this.inboxes.delete(worker);
    this.pushHead(...ids);
    return ids;
  }
}
