/** Collects what one turn of the event loop asks for, and does it in one go. */
export class Batcher<T, R> {
  private waiting: { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }[] = [];

  /** @param run Answers in the order of the items; an error rejects every item of the batch. */
  constructor(private readonly run: (items: readonly T[]) => Promise<readonly R[]>) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
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
