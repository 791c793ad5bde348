import { inNextTurn } from '../../clock';

interface Entry<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects what one turn of the event loop asks for, and does it in one go; a full batch does not wait for more. */
export class Batcher<T, R> {
  private waiting: Entry<T, R>[] = [];

  /**
   * @param run Answers in the order of the items; an error rejects every item of the batch.
   * @param most The items of a full batch: they go on while the next is worked at.
   */
  constructor(
    private readonly run: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly most: number,
  ) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length === this.most) void this.flush();
      else if (this.waiting.length === 1) inNextTurn(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length === 0) return;
    try {
      const results = await this.run(batch.map((entry) => entry.item));
      batch.forEach((entry, position) => {
        entry.resolve(results[position] as R);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}
