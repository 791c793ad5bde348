import { stdSerializers } from 'pino';
import { configure } from 'safe-stable-stringify';
import { isLogLevel, type LogFields, type LogLevel } from '../logger';

/** A line of the log that a task has of its own. */
export interface TaskLogLine {
  /** When it was written, epoch milliseconds by the worker's clock. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  /** Of the run that wrote it; 0 where a foreign line does not tell. */
  readonly attempt: number;
  /** What it carries beside its message; an error as its type, message and stack. `cut` tells how many bytes a line had that was too long, or that they were at least so many. */
  readonly fields: LogFields;
}

/** A stored line has no more bytes: of one that would have, texts are cut and fields left out. */
export const MOST_LINE_BYTES = 4_096;

/** Of a text in a line that is too long so many characters stay. */
const CUT_MESSAGE = 500;
const CUT_TEXT = 1_000;

/** Of a line that is too long so many fields are looked at, and so many parts of one that is an object. */
const MOST_FIELDS = 100;

/** Of a line with more values than this not all are written out: it would be too long, and a worker would stand still meanwhile. */
const MOST_VALUES = 20_000;

/** For what JSON refuses: neither a circle nor a BigInt is an error then, as in pino, and no field brings along all that hangs on it. */
const stringify = configure({ deterministic: false, maximumDepth: 6, maximumBreadth: 100 });

/** A line as it is stored: JSON in one line of text, whatever the fields hold. */
export function encodeLogLine({ timeMs, level, message, attempt, fields }: TaskLogLine): string {
  const own = { time: timeMs, level, msg: readable(message ?? ''), attempt };
  try {
    const line: Record<string, unknown> = { ...own };
    for (const [name, value] of Object.entries(fields ?? {})) if (!Object.hasOwn(own, name)) line[name] = plain(value);
    const text = wholeTextOf(line);
    const bytes = text === undefined ? MOST_VALUES : Buffer.byteLength(text);
    return text !== undefined && bytes <= MOST_LINE_BYTES ? text : cutLine(own, line, bytes);
  } catch (error) {
    // A getter or a `toJSON` of theirs threw.
    return cutLine(own, { unreadable: readable(error) }, 0);
  }
}

/** Undefined where the text is no line of a log: others may write there. */
function decodeLogLine(text: string): TaskLogLine | undefined {
  try {
    const { time, level, msg, attempt, ...fields } = JSON.parse(text) as Record<string, unknown>;
    if (typeof time !== 'number' || !isLogLevel(level) || typeof msg !== 'string') return undefined;
    return { timeMs: time, level, message: msg, attempt: typeof attempt === 'number' ? attempt : 0, fields };
  } catch {
    return undefined;
  }
}

/** Those that are none are passed over. */
export function decodeLogLines(texts: readonly string[]): TaskLogLine[] {
  return texts.map(decodeLogLine).filter((line) => line !== undefined);
}

type Own = Readonly<{ time: number; level: LogLevel; msg: string; attempt: number }>;

/** @param bytes What the whole line has; 0: there was none. */
function cutLine(own: Own, line: LogFields, bytes: number): string {
  let text = textOf({ ...own, msg: shorten(own.msg, CUT_MESSAGE), ...(bytes > 0 && { cut: bytes }) });
  for (const [name, value] of Object.entries(line).slice(0, MOST_FIELDS)) {
    if (Object.hasOwn(own, name) || value === undefined) continue;
    const field = textOf({ [name]: shortened(value) }).slice(1);
    const longer = `${text.slice(0, -1)},${field}`;
    // No field at all: JSON knows nothing of such a value.
    if (field !== '}' && Buffer.byteLength(longer) <= MOST_LINE_BYTES) text = longer;
  }
  return text;
}

function textOf(value: object): string {
  return wholeTextOf(value) ?? stringify(value) ?? '{}';
}

/** Undefined where it holds too many values. */
function wholeTextOf(value: object): string | undefined {
  let values = 0;
  try {
    return JSON.stringify(value, (_name, part) => {
      values += 1;
      if (values > MOST_VALUES) throw TOO_MANY;
      return part;
    });
  } catch (error) {
    return error === TOO_MANY ? undefined : stringify(value);
  }
}

const TOO_MANY = Symbol('too many values');

/** JSON makes an empty object of an error, and a number of each byte of what is binary. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  return value instanceof Error ? { ...stdSerializers.err(value) } : value;
}

/** Not all can be made a text. */
function readable(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'what cannot be made a text';
  }
}

/** The texts in a value, or in the object that it is, cut. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return shorten(value, CUT_TEXT);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const parts: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value).slice(0, MOST_FIELDS)) {
    parts[name] = typeof part === 'string' ? shorten(part, CUT_TEXT) : plain(part);
  }
  return parts;
}

function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
