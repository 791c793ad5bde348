/** The ids that one worker has taken from a queue and not settled yet; an id taken twice has two places. */
export class MemoryInbox {
  /** Id -> its places that the worker knows of, in the order in which they were handed out. */
  private readonly inHand = new Map<string, number>();
  /** Places that no worker knows of, the oldest first: its memory of them is void. */
  private strays: string[] = [];

  /** All ids, the first taken first. */
  get ids(): string[] {
    return [...this.handed(), ...this.strays];
  }

  /** True where the worker holds a place of this id already. */
  holds(id: string): boolean {
    return this.inHand.has(id);
  }

  add(id: string): void {
    this.inHand.set(id, (this.inHand.get(id) ?? 0) + 1);
  }

  addStray(id: string): void {
    this.strays.push(id);
  }

  /** Hands out at most `limit` strays. */
  takeStrays(limit: number): string[] {
    if (this.strays.length === 0) return [];
    const taken = this.strays.splice(0, limit);
    for (const id of taken) this.add(id);
    return taken;
  }

  /** Gives up one place of the id. */
  release(id: string): void {
    const places = this.inHand.get(id) ?? 0;
    if (places > 1) this.inHand.set(id, places - 1);
    else this.inHand.delete(id);
  }

  /** The worker's memory is void: what it holds is to be handed out again. */
  forget(): void {
    this.strays = this.ids;
    this.inHand.clear();
  }

  private *handed(): Iterable<string> {
    for (const [id, places] of this.inHand) {
      for (let place = 0; place < places; place++) yield id;
    }
  }
}
