import { ConfigurationError } from '../errors';

/** Reads an iterable of either kind; what it makes one wait for can be given up. */
export class InputSource {
  /** It may keep one waiting. */
  readonly isAsync: boolean;
  private readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  private interrupted: { readonly reason: unknown } | undefined;
  private isWaiting = false;
  /** It has ended, or thrown: it has left by itself. */
  private isOver = false;
  private giveUp: (reason: unknown) => void = () => {};

  /** @throws {ConfigurationError} It is no iterable object. A text is none: its letters are no inputs. */
  constructor(inputs: unknown) {
    const isObject = typeof inputs === 'object' && inputs !== null;
    if (isObject && Symbol.asyncIterator in inputs) {
      this.isAsync = true;
      this.iterator = (inputs as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    } else if (isObject && Symbol.iterator in inputs) {
      this.isAsync = false;
      this.iterator = (inputs as Iterable<unknown>)[Symbol.iterator]();
    } else {
      throw new ConfigurationError(
        `inputs is ${describe(inputs)}: give an array, a Map of ids and inputs, or any other iterable or async iterable.`,
      );
    }
  }

  /** Why nothing more is read; undefined: it is. */
  get interruption(): { readonly reason: unknown } | undefined {
    return this.interrupted;
  }

  /**
   * At once where the iterable does not keep one waiting: a promise for each input costs as much as its validation.
   * @throws What the iterable throws, or the reason of the interruption; from the promise, where there is one.
   */
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    if (this.interrupted) throw this.interrupted.reason;
    if (this.isAsync) return this.nextLater();
    try {
      const result = (this.iterator as Iterator<unknown>).next();
      this.isOver = result.done === true;
      return result;
    } catch (error) {
      this.isOver = true;
      throw error;
    }
  }

  /** Nothing more is read; a wait ends with this reason. The first reason counts. */
  interrupt(reason: unknown): void {
    this.interrupted ??= { reason };
    this.giveUp(this.interrupted.reason);
  }

  /**
   * Tells the iterable that it is left, as a loop does. One that keeps us waiting is not waited for. An error of its own
   * is not told: there is one already, of what made us leave.
   */
  async leave(): Promise<void> {
    if (this.isOver) return;
    const left = (async () => this.iterator.return?.())().catch(() => {});
    if (!this.isWaiting) await left;
  }

  private async nextLater(): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.wait();
      this.isOver = result.done === true;
      return result;
    } catch (error) {
      this.isOver = !this.isWaiting;
      throw error;
    }
  }

  /** No Promise.race with one that stands for the interruption: that would keep a reaction for every input. */
  private wait(): Promise<IteratorResult<unknown>> {
    this.isWaiting = true;
    return new Promise((resolve, reject) => {
      this.giveUp = reject;
      const settle = (end: () => void) => {
        this.isWaiting = false;
        end();
      };
      (async () => this.iterator.next())().then(
        (result) => settle(() => resolve(result)),
        (error) => settle(() => reject(error)),
      );
    });
  }
}

function describe(inputs: unknown): string {
  if (inputs === undefined || inputs === null) return String(inputs);
  return typeof inputs === 'object' ? 'an object that is not iterable' : `a ${typeof inputs}`;
}
