import { AppClosedError } from '../errors';

/**
 * Tells all who wait that the client closes. No AbortSignal: that looks through all its listeners for each that is added, and
 * thousands may wait for results.
 */
export class Closing {
  private readonly waiting = new Set<() => void>();
  private closed = false;

  get isClosed(): boolean {
    return this.closed;
  }

  /** @param wake Called at once where the client is closed already. */
  add(wake: () => void): void {
    if (this.closed) wake();
    else this.waiting.add(wake);
  }

  delete(wake: () => void): void {
    this.waiting.delete(wake);
  }

  close(): void {
    this.closed = true;
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Does some work, which is interrupted when the client closes or the signal aborts. */
  async interrupting<T>(
    work: { interrupt(reason: unknown): void },
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    const onClose = () => work.interrupt(new AppClosedError());
    const onAbort = () => work.interrupt(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.add(onClose);
    try {
      return await run();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.delete(onClose);
    }
  }
}
