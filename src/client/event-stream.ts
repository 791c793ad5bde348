import type { TaskEvent } from '../task/event';

/** Holds events until they are asked for: what a listener hears, an async iterator gives. */
export class EventStream {
  private readonly waiting: TaskEvent[] = [];
  private wake: () => void = () => {};
  private ended = false;

  push(event: TaskEvent): void {
    if (this.ended) return;
    this.waiting.push(event);
    this.wake();
  }

  /** No more events; those that wait are still given. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  async *read(): AsyncGenerator<TaskEvent, void> {
    for (;;) {
      const event = this.waiting.shift();
      if (event) yield event;
      else if (this.ended) return;
      else await this.arrival();
    }
  }

  private arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
