import { setTimeout as pause } from 'node:timers/promises';
import { IsInt, Min } from 'class-validator';
import { type Default, Input, Task, TaskContext } from 'taskwarden';

/** How far an audit has come. */
export class Tally {
  done = 0;

  constructor(readonly total: number) {}
}

export class ReporterInput {
  @IsInt() @Min(1) everyMs: Default<number> = 100;
}

/** Tells again and again how far the audit has come, until it is removed. A local task: each audit has its own. */
@Task('audit-reporter')
export class Reporter {
  constructor(private readonly tally: Tally) {}

  async start(@Input() { everyMs }: ReporterInput, task: TaskContext): Promise<void> {
    while (!task.signal.aborted) {
      await task.progress(this.tally.done);
      await pause(everyMs, undefined, { signal: task.signal }).catch(() => {});
    }
  }
}
