import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { PatientSubscription } from '../events/patient-subscription';
import { HealthBoard } from '../health';
import { inject, injectable } from '../metadata/reflection';
import type { ControlMessage } from '../task/control';
import { Dispatcher } from './dispatcher';
import { RunControl } from './run-control';
import { RunEnvironment } from './run-environment';

/** Hears the control messages of all tasks, with one subscription, and passes on those for runs of this worker. */
@injectable()
export class ControlListener {
  private readonly subscription: PatientSubscription;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(EVENT_BUS) bus: EventBus,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(RunControl) private readonly control: RunControl,
    @inject(HealthBoard) board: HealthBoard,
  ) {
    const hear = (taskId: string, message: ControlMessage) => this.hear(taskId, message);
    const health = board.part('control', {
      fails: 'Control messages cannot be heard; trying again until they can',
      works: 'Control messages are heard',
    });
    this.subscription = new PatientSubscription(environment.clock, () => bus.onControl(hear), health);
  }

  /** Resolves when messages are heard; while the store is away it goes on trying. */
  start(): Promise<void> {
    return this.subscription.start();
  }

  stop(): Promise<void> {
    return this.subscription.stop();
  }

  private hear(taskId: string, message: ControlMessage): void {
    if (!this.dispatcher.has(taskId)) return;
    this.control.obey(taskId, message).catch((error: unknown) => {
      this.environment.logger.warn({ err: error, taskId }, `The control message "${message}" could not be obeyed`);
    });
  }
}
