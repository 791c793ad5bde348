import { patiently } from '../backoff';
import { ID_SOURCE, type IdSource } from '../ids';
import { encodeInput } from '../input/parse-input';
import { inject, injectable } from '../metadata/reflection';
import type { TaskDefinition } from '../metadata/task-definition';
import { Dispatcher } from './dispatcher';
import { RunEnvironment } from './run-environment';
import type { RunEnd } from './run-keeper';

/** Starts tasks of this process alone, and again, under a new id, when their lease was lost. */
@injectable()
export class LocalTasks {
  private stopped = false;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  /**
   * @returns The task's id, once its run has begun; while the store is away it goes on trying.
   * @throws {InputError} The input is not valid.
   */
  async start(definition: TaskDefinition, input: unknown): Promise<string> {
    const data = encodeInput(definition, input);
    const { clock, store, workerId, settings } = this.environment;
    const task = { id: this.ids.next(), name: definition.name, data, cleanup: true };
    const opened = await patiently(
      clock,
      () => store.openLocal(workerId, task, settings.leaseMs),
      () => !this.stopped,
    );
    if (this.stopped) await store.discardLocal(opened.lease);
    else this.dispatcher.begin(opened, (end) => this.ended(definition, input, end));
    return task.id;
  }

  stop(): void {
    this.stopped = true;
  }

  private ended(definition: TaskDefinition, input: unknown, end: RunEnd): void {
    // After a reload whose lease was lost on the way nothing runs either.
    if (this.stopped || (end !== 'lease-lost' && end !== 'reloaded')) return;
    this.start(definition, input).catch((error: unknown) => {
      this.environment.logger.warn({ err: error, task: definition.name }, 'A local task could not be started again');
    });
  }
}
