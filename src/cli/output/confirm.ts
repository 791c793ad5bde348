import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks on the terminal.
 * @param signal Ends it.
 * @throws {CommandError} The answer was not yes, or Ctrl-C. @throws {Interruption} The signal has aborted.
 */
export async function confirm(question: string, signal?: AbortSignal): Promise<void> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  reader.once('SIGINT', leave);
  reader.once('close', leave);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: leaving.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch {
    signal?.throwIfAborted();
    throw new CommandError(EXIT.interrupted, 'interrupted: nothing was done.');
  } finally {
    signal?.removeEventListener('abort', leave);
    reader.close();
  }
  throw new CommandError(EXIT.usage, 'the answer was no: nothing was done.');
}
