import { patiently } from '../backoff';
import { InputError, type Violation } from '../errors';
import { parseInput } from '../input/parse-input';
import { inject, injectable } from '../metadata/reflection';
import { TaskRegistry } from '../metadata/task-registry';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import type { ControlIntent } from '../task/control';
import { encodeEvent } from '../task/event';
import type { TaskRecord } from '../task/record';
import { Dispatcher } from './dispatcher';
import { RunEnvironment } from './run-environment';
import type { TaskRun } from './run-task';
import { giveBack, LOST } from './settled';

/** Does to the runs of this worker what they are asked to do from outside. */
@injectable()
export class RunControl {
  private stopped = false;
  private readonly lines = new Map<string, { last: Promise<void>; readonly waiting: Set<ControlIntent> }>();

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(TaskRegistry) private readonly registry: TaskRegistry,
    @inject(TASK_READER) private readonly reader: TaskReader,
  ) {}

  /** Refuses what is asked for from now on; resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.lines.values()].map((line) => line.last));
  }

  /**
   * Acts on the run that the task has once what was asked for before is done: a stop reaches a task that is just being
   * reloaded, or opened. An intent that waits already is not asked for twice.
   */
  obey(id: string, intent: ControlIntent): Promise<void> {
    const line = this.lines.get(id) ?? { last: Promise.resolve(), waiting: new Set<ControlIntent>() };
    if (line.waiting.has(intent)) return line.last;
    this.lines.set(id, line);
    line.waiting.add(intent);
    const done = line.last.then(() => {
      line.waiting.delete(intent);
      return this.act(id, intent);
    });
    const settled = done.catch(() => {}); // Who asked has the error; the next in line goes on.
    line.last = settled;
    void settled.then(() => {
      if (line.last === settled) this.lines.delete(id);
    });
    return done;
  }

  private async act(id: string, intent: ControlIntent): Promise<void> {
    if (this.stopped) return; // The intent is stored, or the task goes back into the queue: another worker obeys.
    const run = await this.dispatcher.findOpened(id);
    if (!run) return;
    if (intent === 'reload') await this.reload(run);
    else await this.stopRun(run);
  }

  /** The store knows whether the task is to be removed as well. */
  private stopRun(run: TaskRun): Promise<void> {
    return this.dispatcher.interrupt(run, 'stopped', async () => {
      const { clock, store } = this.environment;
      const reply = await patiently(
        clock,
        () => store.settleStop(run.lease),
        () => run.mayWrite,
      );
      if (reply === 'lost') return LOST;
      await run.tellHooks(reply === 'removed' ? 'remove' : 'stop');
      return { outcome: 'stopped' };
    });
  }

  /** Checks the new input first: while it is not good, the old run goes on. */
  private async reload(run: TaskRun): Promise<void> {
    const { clock, store, workerId, settings } = this.environment;
    const violations = await this.violations(run.lease.id);
    if (violations) {
      const event = encodeEvent('reload-rejected', { violations });
      if (
        await patiently(
          clock,
          () => store.rejectReload(run.lease, event),
          () => run.mayWrite,
        )
      ) {
        await run.tellHooks('reload-rejected', { violations });
      }
      return;
    }
    await this.dispatcher.interrupt(run, 'reloaded', async () => {
      // The worker leaves: the next run, with the new input, is another's.
      if (this.stopped) return giveBack(run, () => false);
      const next = await patiently(
        clock,
        () => store.reopen(workerId, run.lease, settings.leaseMs),
        () => run.mayWrite,
      );
      if (!next) return LOST;
      await run.tellHooks('reload');
      return { outcome: 'reloaded', next };
    });
  }

  /** What speaks against running the task as it stands in the store by now; undefined: nothing. */
  private async violations(id: string): Promise<readonly Violation[] | undefined> {
    const [record] = await this.reader.get([id]);
    const definition = record?.name === undefined ? undefined : this.registry.get(record.name);
    if (!record || !definition) return [unknownTask(record)];
    try {
      parseInput(definition, record.data);
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return error.violations;
      throw error;
    }
  }
}

function unknownTask(record: TaskRecord | undefined): Violation {
  return { path: 'task', message: `must name a task that this worker knows, not ${JSON.stringify(record?.name)}` };
}
