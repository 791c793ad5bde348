import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on the terminal. @throws {CommandError} The answer was not yes, or Ctrl-C. */
export async function confirm(question: string): Promise<void> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const leaving = new AbortController();
  reader.once('SIGINT', () => leaving.abort());
  reader.once('close', () => leaving.abort());
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: leaving.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch {
    throw new CommandError(EXIT.interrupted, 'interrupted: nothing was done.');
  } finally {
    reader.close();
  }
  throw new CommandError(EXIT.usage, 'the answer was no: nothing was done.');
}
