interface Entry {
  readonly name: string;
  readonly atMs: number;
  /** Breaks ties: of two names due at once, the one set first comes first. */
  readonly order: number;
}

/** Below this many outdated entries a rebuild costs more than it frees. */
const REBUILD_ABOVE = 64;

/** Names with one point in time each; setting a name again moves it. What is due is found without reading the rest. */
export class DueTimes {
  private readonly times = new Map<string, number>();
  /** A binary heap, earliest first. Entries that `times` contradicts are outdated, and skipped. */
  private heap: Entry[] = [];
  private nextOrder = 0;

  get size(): number {
    return this.times.size;
  }

  get(name: string): number | undefined {
    return this.times.get(name);
  }

  has(name: string): boolean {
    return this.times.has(name);
  }

  /** All names, the earliest first. */
  names(): string[] {
    return [...this.times].sort(([, a], [, b]) => a - b).map(([name]) => name);
  }

  set(name: string, atMs: number): void {
    this.times.set(name, atMs);
    this.heap.push({ name, atMs, order: this.nextOrder++ });
    this.siftUp(this.heap.length - 1);
    if (this.heap.length > 2 * this.times.size + REBUILD_ABOVE) this.rebuild();
  }

  delete(name: string): void {
    this.times.delete(name);
  }

  clear(): void {
    this.times.clear();
    this.heap = [];
  }

  /** The earliest time of all; undefined when there is none. */
  nextMs(): number | undefined {
    this.dropOutdated();
    return this.heap[0]?.atMs;
  }

  /** Takes out every name whose time has come, the earliest first. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    for (;;) {
      const firstMs = this.nextMs();
      if (firstMs === undefined || firstMs > nowMs) return due;
      due.push(this.takeFirst() as string);
    }
  }

  /** Takes out the name of the earliest time. */
  takeFirst(): string | undefined {
    this.dropOutdated();
    const first = this.heap[0];
    if (first === undefined) return undefined;
    this.popFirst();
    this.times.delete(first.name);
    return first.name;
  }

  private dropOutdated(): void {
    for (let first = this.heap[0]; first !== undefined && !this.isCurrent(first); first = this.heap[0]) {
      this.popFirst();
    }
  }

  private isCurrent(entry: Entry): boolean {
    return this.times.get(entry.name) === entry.atMs;
  }

  /** A lease is set anew at every heartbeat: without this the heap would grow until someone asks what is due. */
  private rebuild(): void {
    const seen = new Set<string>();
    this.heap = this.heap.filter((entry) => {
      if (!this.isCurrent(entry) || seen.has(entry.name)) return false;
      seen.add(entry.name);
      return true;
    });
    this.heap.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  }

  private popFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown();
  }

  private siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  private siftDown(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.isBefore(right, left) ? right : left;
      if (!this.swapIfBefore(child, at)) return;
      at = child;
    }
  }

  private isBefore(at: number, other: number): boolean {
    const entry = this.heap[at];
    const compared = this.heap[other];
    return entry !== undefined && compared !== undefined && comesBefore(entry, compared);
  }

  private swapIfBefore(at: number, other: number): boolean {
    if (!this.isBefore(at, other)) return false;
    const entry = this.heap[at] as Entry;
    this.heap[at] = this.heap[other] as Entry;
    this.heap[other] = entry;
    return true;
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}
