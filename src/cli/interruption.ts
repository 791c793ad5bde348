import { CommandError } from './command-error';
import { EXIT, type ExitCode } from './exit-code';

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
export type StopSignal = keyof typeof CODES;
export const STOP_SIGNALS = Object.keys(CODES) as readonly StopSignal[];

/** The reason with which the signal of a session aborts. */
export class Interruption extends CommandError {
  constructor(name: StopSignal) {
    super(CODES[name], 'interrupted');
  }
}

/** How a command ends whose signal has aborted. */
export function exitCodeOfStop({ reason }: AbortSignal): ExitCode {
  return reason instanceof Interruption ? reason.exitCode : EXIT.interrupted;
}

/**
 * Some work that cannot be ended by itself: whoever waits for it leaves as soon as the signal aborts.
 * @throws {Interruption} It has.
 */
export function interruptible<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    // Nothing of it stays with the signal: there may be many.
    const settled = () => signal.removeEventListener('abort', leave);
    work.then(resolve, reject).finally(settled);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
