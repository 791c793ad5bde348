/** A `SCAN` repeats what it told shortly before, and little of it: see `RecentlyTold`. */
const GENERATION = 100_000;

/**
 * Knows the last 100,000 ids at least, and 200,000 at most, whatever their number. Redis tells a key twice only where its table
 * has shrunk: then the scan goes back to the begin of one bucket of the smaller table, whose keys it has told just before.
 */
export class RecentlyTold {
  private current = new Set<string>();
  private former = new Set<string>();

  /** Whether the id is told now for the first time. */
  isNew(id: string): boolean {
    if (this.current.has(id) || this.former.has(id)) return false;
    if (this.current.size >= GENERATION) {
      this.former = this.current;
      this.current = new Set();
    }
    this.current.add(id);
    return true;
  }
}
