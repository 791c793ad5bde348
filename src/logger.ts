import { type DestinationStream, destination, type Level, pino } from 'pino';
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

export const LOGGER: InjectionToken<Logger> = Symbol('taskwarden.Logger');

/** JSON lines on standard error: standard output belongs to the user's program. */
export function createLogger(level: Level = 'info', stream: DestinationStream = destination(2)): Logger {
  return pino({ name: 'taskwarden', level }, stream);
}

/** A logger whose every line also carries `bound`. */
export function withFields(logger: Logger, bound: LogFields): Logger {
  return {
    debug: (fields, message) => logger.debug({ ...bound, ...fields }, message),
    info: (fields, message) => logger.info({ ...bound, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...bound, ...fields }, message),
    error: (fields, message) => logger.error({ ...bound, ...fields }, message),
  };
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
