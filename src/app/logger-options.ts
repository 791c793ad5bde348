import { ConfigurationError } from '../errors';
import { createLogger, isLogLevel, LOG_LEVELS, type Logger, type LogLevel, silentLogger } from '../logger';
import { checkKeys, keysOf } from '../task/option-keys';
import { shown } from '../task/shown';
import type { TaskLogSettings } from '../worker/task-logs';

export interface TaskLogOptions {
  /** The last so many lines of a task are kept. Default 200; 5,000 at most. */
  readonly lines?: number;
  /** The lowest level that is kept, whatever the logger's own. Default `info`. */
  readonly level?: LogLevel;
}

const TASK_LOG_KEYS = keysOf<TaskLogOptions>({ lines: true, level: true });
const LEVEL_VARIABLE = 'TASKWARDEN_LOG_LEVEL';
/** A script puts them onto Lua's stack, which is of limited size. */
const MOST_LINES = 5_000;

/**
 * The logger that was given, or the default one.
 * @throws {ConfigurationError} It is none, and no level; or that of the environment is none.
 */
export function resolveLogger(given: Logger | LogLevel | false | undefined): Logger {
  if (given === false) return silentLogger;
  if (given === undefined) return createLogger(levelOf(process.env[LEVEL_VARIABLE] || 'info', LEVEL_VARIABLE));
  if (typeof given === 'string') return createLogger(levelOf(given, 'logger'));
  if (LOG_LEVELS.every((method) => typeof given?.[method] === 'function')) return given;
  throw new ConfigurationError(
    `logger must have the methods ${LOG_LEVELS.join(', ')}, as any pino logger has; or name the least of them to log; or be false.`,
  );
}

/** @throws {ConfigurationError} */
export function resolveTaskLog(given: TaskLogOptions | false | undefined): TaskLogSettings | undefined {
  if (given === false) return undefined;
  const options = given === undefined ? {} : given;
  checkKeys('taskLog', options, TASK_LOG_KEYS);
  const { lines = 200, level = 'info' } = options;
  if (!Number.isInteger(lines) || lines < 1 || lines > MOST_LINES) {
    throw new ConfigurationError(`taskLog.lines is ${shown(lines)}: give a whole number from 1 to ${MOST_LINES}.`);
  }
  return { lines, level: levelOf(level, 'taskLog.level') };
}

function levelOf(value: unknown, name: string): LogLevel {
  if (isLogLevel(value)) return value;
  throw new ConfigurationError(`${name} is ${shown(value)}: give one of ${LOG_LEVELS.join(', ')}.`);
}
