/** Whether the store was away since the last pass; outlives the monitors of a process, which end when it is away for long. */
export class StoreContact {
  private lastMs: number | undefined;
  private lost = false;

  /** True from a silence of the store on, until a pass has been made. */
  get wasLost(): boolean {
    return this.lost;
  }

  /**
   * Notes that the store has just answered.
   * @param nowMs On the monotonic clock.
   * @param longestMs It was away, if it had not answered for longer.
   */
  note(nowMs: number, longestMs: number): void {
    if (this.lastMs !== undefined && nowMs - this.lastMs > longestMs) this.lost = true;
    this.lastMs = nowMs;
  }

  passed(): void {
    this.lost = false;
  }
}
