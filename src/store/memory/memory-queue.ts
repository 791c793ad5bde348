import Denque from 'denque';
import type { Clock } from '../../clock';
import { DEFAULT_PRIORITY, PRIORITY_STEP_MS } from '../../task/priority';
import { DueTimes } from './due-times';
import { MemoryInbox } from './memory-inbox';
import { MemoryQueueLanes } from './memory-queue-lanes';

/** As long as the mark of a push lives on Redis. */
const PUSHED_MARK_MS = 3_600_000;

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
  private readonly watchers = new Set<() => void>();
  /** By when they were enqueued, set off by their priority. */
  private readonly prioritized = new DueTimes();
  /** Ids that wait for their time -> the priority that they are to have then. */
  private readonly levels = new Map<string, number>();
  private isPaused = false;
  /** Where those wait that stand under limits. */
  readonly lanes: MemoryQueueLanes;

  /** @param sinceMs Since when a task may be taken; undefined where its producer wrote no time. */
  constructor(
    private readonly clock: Clock,
    private readonly sinceMs: (id: string) => number | undefined = () => undefined,
  ) {
    this.lanes = new MemoryQueueLanes(clock, () => this.wake());
  }

  get length(): number {
    return this.waiting.length + this.prioritized.size + this.lanes.size;
  }

  /** While it is, nothing is taken from it. */
  get paused(): boolean {
    return this.isPaused;
  }

  set paused(paused: boolean) {
    this.isPaused = paused;
    this.wake();
  }

  /** In how many milliseconds the next is due; undefined where none waits for its time. */
  get msUntilMore(): number | undefined {
    const dueMs = this.isPaused ? undefined : this.delayed.nextMs();
    return dueMs === undefined ? undefined : Math.max(0, dueMs - this.clock.nowMs());
  }

  get delayedCount(): number {
    return this.delayed.size;
  }

  /** Since when the one waits that has waited longest, in epoch milliseconds. */
  get oldestMs(): number | undefined {
    const oldest = [this.waiting.peekFront(), this.prioritized.names()[0]];
    const times = oldest.map((id) => (id === undefined ? undefined : this.sinceMs(id)));
    const known = times.filter((time) => time !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  /** The next ids to be taken, at most `limit`. */
  peek(limit = Number.POSITIVE_INFINITY): string[] {
    const names = this.prioritized.names();
    const { headSinceMs } = this;
    const before = names.filter((name) => (this.prioritized.get(name) as number) <= headSinceMs);
    return [...before, ...this.waiting.toArray(), ...names.slice(before.length)].slice(0, limit);
  }

  /** True where the id waits here, now or later, or is in an inbox. */
  includes(id: string): boolean {
    return (
      this.delayed.has(id) ||
      this.prioritized.has(id) ||
      this.lanes.includes(id) ||
      this.peek().includes(id) ||
      [...this.inboxes.values()].some((inbox) => inbox.ids.includes(id))
    );
  }

  pushEnd(id: string): void {
    this.waiting.push(id);
    this.wake();
  }

  /** By its priority, which is not that of all others. */
  pushByPriority(id: string, priority: number): void {
    this.prioritized.set(id, this.clock.nowMs() + (priority - DEFAULT_PRIORITY) * PRIORITY_STEP_MS);
    this.wake();
  }

  /** To the end, or by its priority. */
  push(id: string, priority: number): void {
    if (priority === DEFAULT_PRIORITY) this.pushEnd(id);
    else this.pushByPriority(id, priority);
  }

  /** @param ids The first of them is taken next. */
  pushHead(...ids: readonly string[]): void {
    for (const id of ids.toReversed()) this.waiting.unshift(id);
    if (ids.length > 0) this.wake();
  }

  /** Pushes the id unless it was pushed under this token before; answers whether it was. */
  pushOnce(id: string, token: string, place: 'head' | 'end', priority = DEFAULT_PRIORITY): boolean {
    const nowMs = this.clock.nowMs();
    const mark = `${id}:${token}`;
    this.pushedMarks.takeDue(nowMs);
    if (this.pushedMarks.has(mark)) return false;
    this.pushedMarks.set(mark, nowMs + PUSHED_MARK_MS);
    if (place === 'head') this.pushHead(id);
    else this.push(id, priority);
    return true;
  }

  /** Puts the id at the head of the queue at a later time, or then by its priority. */
  delay(id: string, dueMs: number, priority = this.levels.get(id) ?? DEFAULT_PRIORITY): void {
    if (priority !== DEFAULT_PRIORITY) this.levels.set(id, priority);
    this.delayed.set(id, dueMs);
    this.wake();
  }

  /** Whether the id waits for its time. */
  isDelayed(id: string): boolean {
    return this.delayed.has(id);
  }

  /** Takes the id out of where it waits for its time or by its priority; answers whether it did. */
  withdraw(id: string): boolean {
    const waits = this.delayed.has(id) || this.prioritized.has(id);
    this.delayed.delete(id);
    this.prioritized.delete(id);
    this.levels.delete(id);
    return waits;
  }

  /** Takes everything out that waits here, and with `delayed` what waits for its time; answers with it. */
  empty(delayed: boolean): string[] {
    const now = [...this.waiting.toArray(), ...this.prioritized.names(), ...this.lanes.empty()];
    const ids = delayed ? [...now, ...this.delayed.names()] : now;
    this.waiting.clear();
    this.prioritized.clear();
    if (delayed) {
      this.delayed.clear();
      this.levels.clear();
    }
    return ids;
  }

  /** The workers that take from here, or did until they fell silent. */
  registrations(): { worker: string; untilMs: number; taken: number }[] {
    return [...this.registeredUntilMs].map(([worker, untilMs]) => {
      return { worker, untilMs, taken: this.inboxes.get(worker)?.ids.length ?? 0 };
    });
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
    const inbox = this.inboxOf(worker);
    if (this.isPaused) {
      this.putBack(worker, inbox.takeStrays(Number.POSITIVE_INFINITY));
      return [];
    }
    const taken = inbox.takeStrays(limit);
    this.promote();
    while (taken.length < limit) {
      const id = this.next();
      if (id === undefined) break;
      inbox.add(id);
      taken.push(id);
    }
    return taken;
  }

  /** Since when the head of the list waits. */
  private get headSinceMs(): number {
    const head = this.waiting.peekFront();
    return head === undefined ? Number.POSITIVE_INFINITY : (this.sinceMs(head) ?? this.clock.nowMs());
  }

  private promote(): void {
    const due = this.delayed.takeDue(this.clock.nowMs());
    this.pushHead(...due.filter((id) => !this.levels.has(id)));
    for (const id of due) {
      const priority = this.levels.get(id);
      this.levels.delete(id);
      if (priority !== undefined) this.pushByPriority(id, priority);
    }
  }

  /** What comes before the list is taken first, then the list, then the rest of those of a priority. */
  private next(): string | undefined {
    const firstMs = this.prioritized.nextMs();
    if (firstMs === undefined) return this.waiting.shift();
    return firstMs <= this.headSinceMs ? this.prioritized.takeFirst() : this.waiting.shift();
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

  /** Resolves once something was pushed or a delayed id is due, at `atMs`, after `waitMs`, or when the signal aborts. */
  changed(waitMs: number, signal: AbortSignal | undefined, atMs = Number.POSITIVE_INFINITY): Promise<void> {
    const nextMs = (this.isPaused ? undefined : this.delayed.nextMs()) ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.min(nextMs, atMs);
    const timeoutMs = Math.min(waitMs, dueMs - this.clock.nowMs());
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

  /** Calls back at every change, until the answer is called. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Lets everyone who waits for a change look again. */
  private wake(): void {
    for (const finish of [...this.waiters]) finish();
    for (const watcher of this.watchers) watcher();
  }

  private returnInbox(worker: string): string[] {
    const ids = this.inboxes.get(worker)?.ids ?? [];
    this.inboxes.delete(worker);
    this.pushHead(...ids);
    return ids;
  }
}
