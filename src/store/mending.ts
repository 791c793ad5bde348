import type { PlaceProblem } from './places';

/**
 * How findings are mended. `adopt`: put where their state wants them, as an orphan scan does; `reap`: as a monitor does; `drop`: taken from
 * where they stand; `left`: to whom the remedy names.
 */
export type MendingWay = 'adopt' | 'reap' | 'drop' | 'left';

/** What is done about the findings of one problem. */
export interface Mending {
  readonly problem: PlaceProblem;
  readonly way: MendingWay;
  /** What mends them, or why nothing does. */
  readonly remedy: string;
  /** Whether it is one that is safe to do unasked; the others are left to a hand. */
  readonly isSafe: boolean;
  readonly count: number;
  /** The first of them. */
  readonly ids: readonly string[];
  /** How many are mended; absent before, and where nothing is done. */
  readonly done?: number;
}
