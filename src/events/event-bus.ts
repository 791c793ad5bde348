import type { InjectionToken } from 'tsyringe';
import type { ControlMessage } from '../task/control';
import type { TaskEvent } from '../task/event';

export type EventListener = (event: TaskEvent) => void;
export type ControlListener = (taskId: string, message: ControlMessage) => void;
/** Ends a subscription; a second call does nothing. */
export type Unsubscribe = () => Promise<void>;

/**
 * Hears what stores publish. Messages sent while the connection is away are lost, as with any pub/sub; everything that
 * must not be missed is read from the task's hash as well. Listeners must not throw.
 */
export interface EventBus {
  /** The events of one task; resolves when none can be missed any more. */
  onTask(taskId: string, listener: EventListener): Promise<Unsubscribe>;
  /** The events of all tasks. */
  onEvery(listener: EventListener): Promise<Unsubscribe>;
  /** The control messages of all tasks. */
  onControl(listener: ControlListener): Promise<Unsubscribe>;
  /**
   * Told when there is more to take from one of the queues, or sooner than was known, other than by a plain push: those who wait
   * for that look again.
   */
  onWake(queues: readonly string[], listener: () => void): Promise<Unsubscribe>;
  /** Ends all subscriptions. */
  close(): Promise<void>;
}

export const EVENT_BUS: InjectionToken<EventBus> = Symbol('taskwarden.EventBus');
