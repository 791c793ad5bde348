/** When a monitor of this process last reached the store; outlives the monitors, which end when the store is away for long. */
export class StoreContact {
  private lastMs: number | undefined;

  /**
   * Notes that the store has just answered.
   * @param nowMs On the monotonic clock.
   * @returns How long it had not before, in milliseconds; 0 at the first time.
   */
  note(nowMs: number): number {
    const awayMs = this.lastMs === undefined ? 0 : nowMs - this.lastMs;
    this.lastMs = nowMs;
    return awayMs;
  }
}
