import { type Clock, within } from '../clock';
import type { HealthBoard } from '../health';
import type { Logger } from '../logger';
import { type Hook, isHeard } from '../metadata/hooks';
import type { TaskReader } from '../store/task-reader';
import { FINAL_EVENTS, TaskEvent } from '../task/event';
import { UnderWay } from '../under-way';
import type { EventBus } from './event-bus';
import { callHooks } from './hooks';
import { PatientSubscription } from './patient-subscription';

/** An instance of a listener class, and its hooks. */
export interface ClusterListener {
  readonly instance: object;
  readonly hooks: readonly Hook[];
}

/** Names of tasks are remembered for at most so many ids. */
const NAMES_KEPT = 10_000;
/** How long the app's close waits for hooks that are under way. */
const LONGEST_HOOK_MS = 5_000;

/** Calls listeners for the events of all tasks. The wire carries ids: names come from `start` events and the hashes. */
export class ClusterListeners {
  private readonly names = new Map<string, string | undefined>();
  /** The events of a task are told in their order: a look-up holds back those that follow. */
  private readonly lookUps = new Map<string, Promise<void>>();
  /** Hooks that are under way. */
  private readonly calls = new UnderWay();
  private readonly subscription: PatientSubscription;

  constructor(
    bus: EventBus,
    private readonly reader: TaskReader,
    private readonly listeners: readonly ClusterListener[],
    private readonly clock: Clock,
    private readonly logger: Logger,
    board: HealthBoard,
  ) {
    const health = board.part('listeners', {
      fails: 'Events cannot be heard; trying again until they can',
      works: 'Events are heard',
    });
    this.subscription = new PatientSubscription(clock, () => bus.onEvery((event) => this.hear(event)), health);
  }

  /** Resolves when events are heard; while the store is away it goes on trying. */
  async start(): Promise<void> {
    if (this.listeners.length === 0) return;
    await this.subscription.start();
  }

  async stop(): Promise<void> {
    await this.subscription.stop();
    await Promise.all(this.lookUps.values());
    await within(this.clock, this.calls.settled(), LONGEST_HOOK_MS);
  }

  /** Hooks that have not ended. */
  get hooksUnderWay(): number {
    return this.calls.size;
  }

  private hear(event: TaskEvent): void {
    const { taskId } = event;
    const named = nameIn(event);
    if (named !== undefined) this.remember(taskId, named);
    const lookUp = this.lookUps.get(taskId);
    if (!lookUp && this.names.has(taskId)) {
      this.tell(event);
      return;
    }
    const told = (lookUp ?? this.lookUp(taskId)).then(() => this.tell(event));
    this.lookUps.set(taskId, told);
    void told.then(() => {
      if (this.lookUps.get(taskId) === told) this.lookUps.delete(taskId);
    });
  }

  private tell(event: TaskEvent): void {
    const named = new TaskEvent(event.taskId, event.event, event.data, this.names.get(event.taskId));
    if (FINAL_EVENTS.has(event.event)) this.names.delete(event.taskId);
    for (const { instance, hooks } of this.listeners) {
      if (isHeard(hooks, named.taskName, named.event)) {
        this.calls.follow(callHooks(instance, hooks, named, this.logger));
      }
    }
  }

  private async lookUp(taskId: string): Promise<void> {
    try {
      const [record] = await this.reader.get([taskId]);
      this.remember(taskId, record?.name);
    } catch (error) {
      // Listeners of every task hear the event all the same.
      this.logger.warn({ err: error, taskId }, 'The name of a task could not be looked up for its listeners');
    }
  }

  private remember(taskId: string, name: string | undefined): void {
    this.names.set(taskId, name);
    if (this.names.size <= NAMES_KEPT) return;
    const [oldest] = this.names.keys();
    if (oldest !== undefined) this.names.delete(oldest);
  }
}

function nameIn({ event, data }: TaskEvent): string | undefined {
  if (event !== 'start' || typeof data !== 'object' || data === null) return undefined;
  const { task } = data as { task?: unknown };
  return typeof task === 'string' ? task : undefined;
}
