import type { Random } from '../random';
import type { Limit } from '../task/limit';
import { DEFAULT_QUEUE } from '../task/queue-name';

/** A queue that a worker takes from. */
export interface QueueShare {
  readonly name: string;
  /** Of so many looks in all, those that begin with this queue; Infinity: it always comes before those after it. */
  readonly weight: number;
  /** At most so many of its tasks run here at a time; Infinity: any number. */
  readonly concurrency: number;
  /** What all workers keep to together for the queue; absent: nothing. */
  readonly limit?: Limit;
}

/** The queues of a worker, and in which order it looks at them. */
export class QueueShares {
  /**
   * The one that an idle worker blocks on: of the default queue a plain push is heard at once; those who push into the others with a
   * client tell so.
   */
  readonly primary: QueueShare;

  /** @param shares At least one; all weights are finite, or none is: then they come in their order. */
  constructor(
    private readonly shares: readonly QueueShare[],
    private readonly random: Random,
  ) {
    this.primary = shares.find(({ name }) => name === DEFAULT_QUEUE) ?? (shares[0] as QueueShare);
  }

  get names(): readonly string[] {
    return this.shares.map(({ name }) => name);
  }

  get isOne(): boolean {
    return this.shares.length === 1;
  }

  get all(): readonly QueueShare[] {
    return this.shares;
  }

  /** The order of the next look: drawn by the weights, one after the other. */
  next(): readonly QueueShare[] {
    if (this.shares.every(({ weight }) => weight === Number.POSITIVE_INFINITY)) return this.shares;
    const left = [...this.shares];
    const order: QueueShare[] = [];
    while (left.length > 0) {
      let point = this.random() * left.reduce((sum, { weight }) => sum + weight, 0);
      let drawn = 0;
      while (drawn < left.length - 1 && point >= (left[drawn] as QueueShare).weight) {
        point -= (left[drawn] as QueueShare).weight;
        drawn += 1;
      }
      order.push(...left.splice(drawn, 1));
    }
    return order;
  }
}
