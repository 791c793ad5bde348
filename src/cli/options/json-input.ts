import { readFileSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { printable } from '../output/printable';

const REMEDY = `Write it as '{"name": "Ada"}' in single quotes, as @file.json, or as - for standard input.`;
/** So much of a line is shown around the fault. */
const SHOWN = 60;

/**
 * The value of `--input`: JSON, `@` and a file, or `-` for standard input.
 * @throws {CommandError} It cannot be read, or is no JSON. @throws {Interruption} The signal aborts meanwhile.
 */
export async function readJsonInput(given: string, signal: AbortSignal): Promise<object> {
  const [json, where] = await readText(given, signal);
  try {
    // Whether it suits the task is for the client to say.
    return JSON.parse(json);
  } catch (error) {
    throw new CommandError(EXIT.usage, `--input is no JSON${where}: ${describe(json, error as Error)}\n${REMEDY}`);
  }
}

async function readText(given: string, signal: AbortSignal): Promise<[json: string, where: string]> {
  if (given === '-') return [await readStandardInput(signal), ', on standard input'];
  if (!given.startsWith('@')) return [given, ''];
  const path = given.slice(1);
  try {
    return [readFileSync(path, 'utf8'), `, in ${path}`];
  } catch (error) {
    throw new CommandError(EXIT.usage, `--input cannot be read: ${(error as Error).message}. ${REMEDY}`);
  }
}

async function readStandardInput(signal: AbortSignal): Promise<string> {
  try {
    return await text(addAbortSignal(signal, process.stdin));
  } catch (error) {
    // The stream says in words of its own that it was interrupted.
    signal.throwIfAborted();
    throw error;
  }
}

/** Node's own message tells the place in some cases alone. */
function describe(json: string, error: Error): string {
  if (json.trim() === '') return 'it is empty.';
  const [first] = errorsOf(json);
  if (!first) return error.message;
  const before = json.slice(0, first.offset).split('\n');
  const column = (before.at(-1) as string).length + 1;
  const line = json.split('\n')[before.length - 1] as string;
  const from = Math.max(0, column - 1 - SHOWN / 2);
  const shown = printable(line.slice(from, from + SHOWN));
  const what = printParseErrorCode(first.error)
    .replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .toLowerCase();
  return `line ${before.length}, column ${column}: ${what}\n  ${shown}\n  ${' '.repeat(column - 1 - from)}^`;
}

function errorsOf(json: string): ParseError[] {
  const errors: ParseError[] = [];
  parse(json, errors, { disallowComments: true, allowTrailingComma: false });
  return errors;
}
