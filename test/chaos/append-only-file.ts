import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The arguments of one command, its name first and in capitals. */
export type Command = readonly [name: string, ...args: string[]];

const CR = 13;
const STAR = 42;

/**
 * Every write that a Redis kept, in order: what scripts wrote stands there as commands, and what was lost with a crash does
 * not. Rewriting must be off, and the server stopped or quiet.
 */
export function* readAppendOnlyFile(folder: string): Generator<Command> {
  const files = readdirSync(join(folder, 'appendonlydir')).filter((name) => name.endsWith('.incr.aof'));
  const numberOf = (name: string) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0);
  for (const name of files.sort((a, b) => numberOf(a) - numberOf(b))) {
    yield* parseCommands(readFileSync(join(folder, 'appendonlydir', name)));
  }
}

/** Reads commands as they stand in the file; an unfinished last one is left out. */
export function* parseCommands(bytes: Buffer): Generator<Command> {
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(CR, at);
    const text = end < 0 ? undefined : bytes.toString('latin1', at + 1, end);
    at = end < 0 ? bytes.length : end + 2;
    return text;
  };
  while (at < bytes.length) {
    if (bytes[at] !== STAR) {
      // `#TS:…`, a time, and nothing else of the kind.
      line();
      continue;
    }
    const count = Number(line());
    const parts: string[] = [];
    for (let part = 0; part < count; part++) {
      const length = Number(line());
      if (Number.isNaN(length) || at + length > bytes.length) return;
      parts.push(bytes.toString('utf8', at, at + length));
      at += length + 2;
    }
    const [name = '', ...args] = parts;
    yield [name.toUpperCase(), ...args];
  }
}

/** The commands that name an id, or its key, by the time of the last stamp before each; without signs of life. */
export function traceOf(commands: Iterable<Command>, id: string, key: string): { atMs: number; text: string }[] {
  const trace: { atMs: number; text: string }[] = [];
  let atMs = 0;
  for (const command of commands) {
    const [, first, second, third] = command;
    if (command[0] === 'HSET' && second === 'last_update') atMs = Math.max(atMs, Math.floor(Number(third) * 1_000));
    const named = command.some((part) => part === id || part.includes(`:${id}:`)) || first === key;
    const signOfLife = command.length === 4 && second === 'last_update';
    if (named && !signOfLife) trace.push({ atMs, text: shorten(command.join(' '), id) });
  }
  return trace;
}

/** A push may name a thousand ids. */
function shorten(text: string, id: string): string {
  if (text.length <= 400) return text;
  const at = text.indexOf(id, 100);
  return `${text.slice(0, 100)} … ${text.slice(Math.max(100, at - 40), at + 240)} …`;
}
