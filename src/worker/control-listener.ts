import { patiently } from '../backoff';
import { EVENT_BUS, type EventBus, type Unsubscribe } from '../events/event-bus';
import { inject, injectable } from '../metadata/reflection';
import type { ControlMessage } from '../task/control';
import { Dispatcher } from './dispatcher';
import { RunControl } from './run-control';
import { RunEnvironment } from './run-environment';

/** Hears the control messages of all tasks, with one subscription, and passes on those for runs of this worker. */
@injectable()
export class ControlListener {
  private stopped = false;
  private subscribing: Promise<Unsubscribe> | undefined;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(EVENT_BUS) private readonly bus: EventBus,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(RunControl) private readonly control: RunControl,
  ) {}

  /** Resolves when messages are heard; while the store is away it goes on trying. */
  async start(): Promise<void> {
    this.subscribing ??= patiently(
      this.environment.clock,
      () => this.bus.onControl((taskId, message) => this.hear(taskId, message)),
      () => !this.stopped,
    );
    await this.subscribing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const unsubscribe = await this.subscribing?.catch(() => undefined); // Who called start has the error.
    await unsubscribe?.();
  }

  private hear(taskId: string, message: ControlMessage): void {
    if (!this.dispatcher.has(taskId)) return;
    this.control.obey(taskId, message).catch((error: unknown) => {
      this.environment.logger.warn({ err: error, taskId }, `The control message "${message}" could not be obeyed`);
    });
  }
}
