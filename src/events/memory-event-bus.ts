import type { MemoryBroker } from '../store/memory/memory-broker';
import type { EndSubscription } from '../store/memory/memory-channels';
import { isControlMessage } from '../task/control';
import { parseEvent } from '../task/event';
import { DEFAULT_QUEUE } from '../task/queue-name';
import type { ControlListener, EventBus, EventListener, Unsubscribe } from './event-bus';

export class MemoryEventBus implements EventBus {
  private readonly subscriptions = new Set<EndSubscription>();

  constructor(private readonly broker: MemoryBroker) {}

  async onTask(taskId: string, listener: EventListener): Promise<Unsubscribe> {
    const { channels, keys } = this.broker;
    return this.own(channels.subscribe(keys.task(taskId), (_channel, text) => deliver(taskId, text, listener)));
  }

  async onEvery(listener: EventListener): Promise<Unsubscribe> {
    const { channels, keys } = this.broker;
    return this.own(
      channels.subscribeToEvery((channel, text) => {
        const taskId = keys.eventTaskId(channel);
        if (taskId !== undefined) deliver(taskId, text, listener);
      }),
    );
  }

  async onControl(listener: ControlListener): Promise<Unsubscribe> {
    const { channels, keys } = this.broker;
    return this.own(
      channels.subscribeToEvery((channel, text) => {
        const taskId = keys.controlTaskId(channel);
        if (taskId !== undefined && isControlMessage(text)) listener(taskId, text);
      }),
    );
  }

  /** Who waits for the default queue is woken without a message. */
  async onWake(queues: readonly string[], listener: () => void): Promise<Unsubscribe> {
    const named = queues.filter((name) => name !== DEFAULT_QUEUE);
    const ends = named.map((name) => this.broker.queue(name).watch(listener));
    return this.own(() => {
      for (const end of ends) end();
    });
  }

  async close(): Promise<void> {
    for (const end of this.subscriptions) end();
    this.subscriptions.clear();
  }

  private own(end: EndSubscription): Unsubscribe {
    this.subscriptions.add(end);
    return async () => {
      end();
      this.subscriptions.delete(end);
    };
  }
}

function deliver(taskId: string, text: string, listener: EventListener): void {
  const event = parseEvent(taskId, text);
  if (event !== undefined) listener(event);
}
