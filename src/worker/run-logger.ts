import { fieldsAndMessage, LOG_LEVELS, type LogFields, type Logger, withFields } from '../logger';
import type { Lease } from '../store/worker-store';
import type { TaskLogs } from './task-logs';

/** Of which run the lines are. */
export interface LoggingRun {
  readonly lease: Lease;
  readonly name: string;
  readonly attempt: number;
}

/** The logger of a run: its lines tell the task, and go to the log of the task as well, from the level on that is kept there. */
export function runLogger(parent: Logger, { lease, name, attempt }: LoggingRun, logs: TaskLogs | undefined): Logger {
  const logger = withFields(parent, { task: name, taskId: lease.id, attempt });
  if (!logs) return logger;
  const from = LOG_LEVELS.indexOf(logs.settings.level);
  const both = LOG_LEVELS.map((level, place) => {
    if (place < from) return [level, logger[level]];
    const log = (given: LogFields, text: string) => {
      const [fields, message] = fieldsAndMessage(given, text);
      logger[level](fields, message);
      logs.keep(lease, { level, attempt, fields, message });
    };
    return [level, log];
  });
  return Object.fromEntries(both) as Logger;
}
