import { note } from './note';
import type { Output } from './output';

/** So many wait for whoever reads; of a hundred bytes each that is a megabyte. */
const MOST_WAITING = 10_000;

/**
 * What comes whether anybody reads or not: a reader that is too slow misses some of it, and is told how much, before it would fill
 * the memory of this process.
 */
export class LiveLines {
  private waiting: (() => void)[] = [];
  private dropped = 0;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly output: Output,
    private readonly most = MOST_WAITING,
    private readonly tell: (text: string) => void = note,
  ) {}

  /** @param write Called now or later, or never. */
  add(write: () => void): void {
    if (this.writing === undefined && !this.output.isFull) write();
    else if (this.waiting.length < this.most) {
      this.waiting.push(write);
      this.writing ??= this.writeWaiting();
    } else {
      if (this.dropped === 0) this.tell('events come faster than they are read: some are dropped');
      this.dropped += 1;
    }
  }

  /** Resolves once what waits is written. */
  async written(): Promise<void> {
    await this.writing;
  }

  /** Tells what was dropped and not told yet. */
  tellDropped(): void {
    if (this.dropped > 0) this.tell(`${this.dropped} events were dropped`);
    this.dropped = 0;
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.output.drained();
      const [lines, count] = [this.waiting, this.waiting.length];
      let written = 0;
      while (written < count && !this.output.isFull) lines[written++]?.();
      this.waiting = lines.slice(written);
    }
    this.writing = undefined;
    this.tellDropped();
  }
}
