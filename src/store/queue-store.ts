/** One step of a drain. */
export interface DrainStep {
  readonly removed: number;
  /** Whether there may be more. */
  readonly more: boolean;
}

/** What is asked of a queue as a whole; each is there for whoever names it. */
export interface QueueStore {
  /**
   * From now on nothing is taken from the queue, by any worker; runs go on, and what they put back waits. A worker that is just
   * taking may begin what it has.
   */
  pauseQueue(queue: string): Promise<void>;

  /** Takes go on, at once. */
  resumeQueue(queue: string): Promise<void>;

  /**
   * Removes tasks that wait in the queue, as many as a step may take: those of the list first, then those of a priority, under limits, and
   * that wait for their time.
   * Each tells the event `remove`. To be called again while there is more.
   * @param worker Who does so: what it has in hand when it dies goes back into the queue.
   * @param delayed Whether those that wait for their time are removed as well.
   */
  drainQueue(queue: string, worker: string, delayed: boolean): Promise<DrainStep>;
}
