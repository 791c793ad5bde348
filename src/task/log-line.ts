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
  /** What it carries beside its message; an error as its type, message and stack. `cut` tells how many bytes a line had that was too long. */
  readonly fields: LogFields;
}

/** A stored line has no more bytes: of one that would have, texts are cut and fields left out. */
export const MOST_LINE_BYTES = 4_096;

/** Of a text in a line that is too long so many characters stay. */
const CUT_MESSAGE = 500;
const CUT_TEXT = 1_000;

/** Of a line that is too long so many fields are looked at. */
const MOST_FIELDS = 100;

/** For what JSON refuses: neither a circle nor a BigInt is an error then, as in pino, and no field brings along all that hangs on it. */
const stringify = configure({ deterministic: false, maximumDepth: 6, maximumBreadth: 100 });

/** A line as it is stored: JSON in one line of text, whatever the fields hold. */
export function encodeLogLine({ timeMs, level, message, attempt, fields }: TaskLogLine): string {
  const own = { time: timeMs, level, msg: String(message ?? ''), attempt };
  try {
    const line: Record<string, unknown> = { ...own };
    for (const [name, value] of Object.entries(fields ?? {})) if (!Object.hasOwn(own, name)) line[name] = plain(value);
    const text = textOf(line);
    const bytes = Buffer.byteLength(text);
    return bytes <= MOST_LINE_BYTES ? text : cutLine(own, line, bytes);
  } catch (error) {
    // A getter or a `toJSON` of theirs threw.
    return cutLine(own, { unreadable: String(error) }, 0);
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
  try {
    return JSON.stringify(value);
  } catch {
    return stringify(value) ?? '{}';
  }
}

/** JSON makes an empty object of an error. */
function plain(value: unknown): unknown {
  return value instanceof Error ? { ...stdSerializers.err(value) } : value;
}

/** The texts in a value, or in the object that it is, cut. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return shorten(value, CUT_TEXT);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const parts = Object.entries(value).map(([name, part]) => [
    name,
    typeof part === 'string' ? shorten(part, CUT_TEXT) : part,
  ]);
  return Object.fromEntries(parts);
}

function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
