import { isatty } from 'node:tty';
import { type DestinationStream, destination, pino } from 'pino';
import type { InjectionToken } from 'tsyringe';

/** What a log line carries beside its message; `err` holds an error. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The part of pino's interface that is used: any pino logger serves. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** From the one that tells most to the one that tells least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOGGER: InjectionToken<Logger> = Symbol('taskwarden.Logger');

const STANDARD_ERROR = 2;

export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel);
}

/**
 * Writes to standard error, as standard output belongs to the user's program: lines to read where that is a terminal, JSON
 * lines elsewhere. Each is written before the call returns: a crash loses none.
 */
export function createLogger(level: LogLevel = 'info', stream: DestinationStream = standardError()): Logger {
  return pino({ name: 'taskwarden', level }, stream);
}

/** A logger whose every line also carries `bound`; fields that cannot be read are no fault of whoever logs them. */
export function withFields(logger: Logger, bound: LogFields): Logger {
  const levels = LOG_LEVELS.map((level) => {
    const log = (given: LogFields, text: string) => {
      const [fields, message] = fieldsAndMessage(given, text);
      try {
        logger[level]({ ...bound, ...fields }, message);
      } catch {
        logger[level]({ ...bound, unreadable: 'fields that cannot be read' }, message);
      }
    };
    return [level, log];
  });
  return Object.fromEntries(levels) as Logger;
}

/** Pino takes a message alone too, and plain JavaScript may give one. */
export function fieldsAndMessage(fields: LogFields, message: string): [fields: LogFields, message: string] {
  return typeof fields === 'string' ? [{}, fields] : [fields, message];
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

function standardError(): DestinationStream {
  const stream = destination({ dest: STANDARD_ERROR, sync: true });
  // Under CI a program reads it, whatever it looks like.
  return isatty(STANDARD_ERROR) && !isUnderCi() ? readable(stream) : stream;
}

/** By the formatter alone: pino-pretty's own stream, or a worker thread, may hold lines back when the process dies. */
function readable(stream: DestinationStream): DestinationStream {
  // Here, as only terminals need it.
  const { prettyFactory } = require('pino-pretty') as typeof import('pino-pretty');
  const colorize = !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const format = prettyFactory({ colorize, ignore: 'pid,hostname', singleLine: true, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => stream.write(format(line)) };
}

function isUnderCi(): boolean {
  return !['', 'false', undefined].includes(process.env.CI);
}
