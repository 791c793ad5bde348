/**
 * When the loops of a worker last came round, on the monotonic clock; undefined before the first time. A number written once a
 * round is all that it costs to be able to ask.
 */
export class Pulse {
  /** The loop that takes tasks, whatever came of it. */
  takeLoopMs: number | undefined;
  /** The store has answered a take. */
  takenMs: number | undefined;
  /** The loop that renews leases, whatever came of it. */
  beatLoopMs: number | undefined;
  /** All leases there were have been renewed. */
  beatenMs: number | undefined;
}
