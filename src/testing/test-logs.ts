import type { LogFields, Logger } from '../logger';

export interface LogLine {
  readonly level: keyof Logger;
  readonly fields: LogFields;
  readonly message: string;
}

/** Something that threw: the code of a run, a hook, a service that was disposed, … */
export interface Thrown {
  /** Itself. */
  readonly error: unknown;
  /** `run`: the code of a task; `other`: a hook, a cleanup handler, a service that was disposed. */
  readonly by: 'run' | 'other';
  /** What threw, in words. */
  readonly where: string;
  readonly taskId: string | undefined;
}

/** Keeps what an app logs, and what was thrown. */
export class TestLogs {
  readonly lines: LogLine[] = [];
  readonly failures: Thrown[] = [];
  readonly logger: Logger;

  /** @param logger Gets the lines as well. */
  constructor(logger: Logger) {
    const note = (level: keyof Logger) => (fields: LogFields, message: string) => {
      this.lines.push({ level, fields, message });
      const { err, taskId } = fields;
      if (level === 'error' && err !== undefined) this.thrown(err, 'other', message, taskId);
      logger[level](fields, message);
    };
    this.logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  }

  /** Once for each error of a task: middleware and `onException` are given the same one. */
  thrown(error: unknown, by: Thrown['by'], where: string, taskId: unknown): void {
    if (this.failures.some((one) => one.error === error && one.taskId === taskId)) return;
    this.failures.push({ error, by, where, taskId: typeof taskId === 'string' ? taskId : undefined });
  }
}
