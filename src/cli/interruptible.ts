import { CommandError } from './command-error';
import { EXIT } from './exit-code';

/**
 * Some work that cannot be ended by itself: whoever waits for it leaves as soon as the signal aborts.
 * @throws {CommandError} It was interrupted.
 */
export async function interruptible<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    const leave = () => reject(new CommandError(EXIT.interrupted, 'interrupted'));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  return Promise.race([work, interrupted]);
}
