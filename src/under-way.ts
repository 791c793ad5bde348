/** Owns work that nobody waits for just now, until somebody does. */
export class UnderWay {
  private readonly works = new Set<Promise<unknown>>();

  get size(): number {
    return this.works.size;
  }

  /** @param work Must not reject. */
  follow(work: Promise<unknown>): void {
    this.works.add(work);
    void work.then(() => this.works.delete(work));
  }

  /** Resolves when all that is under way by now has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.works);
  }
}
