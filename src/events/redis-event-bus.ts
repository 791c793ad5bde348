import type { Logger } from '../logger';
import { Batcher } from '../store/redis/batcher';
import type { RedisConnection } from '../store/redis/redis-connection';
import { isControlMessage } from '../task/control';
import { parseEvent } from '../task/event';
import type { TaskKeys } from '../task/keys';
import type { ControlListener, EventBus, EventListener, Unsubscribe } from './event-bus';

type Listener = (channel: string, text: string) => void;

/** One subscriber connection, however many listen: a channel or pattern is subscribed with its first listener. */
export class RedisEventBus implements EventBus {
  private readonly channels = new Map<string, Set<Listener>>();
  private readonly patterns = new Map<string, Set<Listener>>();
  /** Those of one turn of the event loop travel together: whoever waits for many results begins and ends many at a time. */
  private readonly subscribing = new Batcher<string, undefined>((names) => this.subscribe(names));
  private readonly unsubscribing = new Batcher<string, undefined>((names) => this.unsubscribe(names));
  private wired = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly logger: Logger,
  ) {}

  onTask(taskId: string, listener: EventListener): Promise<Unsubscribe> {
    return this.listen(this.channels, this.keys.task(taskId), (_channel, text) => {
      const event = parseEvent(taskId, text);
      if (event) listener(event);
    });
  }

  onEvery(listener: EventListener): Promise<Unsubscribe> {
    return this.listen(this.patterns, this.keys.everyChannel, (channel, text) => {
      const taskId = this.keys.eventTaskId(channel);
      const event = taskId === undefined ? undefined : parseEvent(taskId, text);
      if (event) listener(event);
    });
  }

  onControl(listener: ControlListener): Promise<Unsubscribe> {
    return this.listen(this.patterns, this.keys.everyControlChannel, (channel, text) => {
      const taskId = this.keys.controlTaskId(channel);
      if (taskId !== undefined && isControlMessage(text)) listener(taskId, text);
    });
  }

  async close(): Promise<void> {
    this.channels.clear();
    this.patterns.clear();
  }

  private async listen(table: Map<string, Set<Listener>>, name: string, listener: Listener): Promise<Unsubscribe> {
    this.wire();
    const listeners = table.get(name) ?? new Set();
    table.set(name, listeners.add(listener));
    try {
      // Also where others listen already: the reply says that nothing published from now on is missed.
      if (table === this.channels) await this.subscribing.add(name);
      else await this.redis.call((client) => client.psubscribe(name), 'subscriber');
    } catch (error) {
      await this.unlisten(table, name, listener);
      throw error;
    }
    return () => this.unlisten(table, name, listener);
  }

  private async unlisten(table: Map<string, Set<Listener>>, name: string, listener: Listener): Promise<void> {
    const listeners = table.get(name);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    table.delete(name);
    // Not waited for: a Redis that hangs would hold up whoever leaves, and nobody listens to this any more.
    const ended = table === this.channels ? this.unsubscribing.add(name) : this.unsubscribePattern(name);
    ended.catch(() => {}); // A lost connection has no subscriptions left.
  }

  private async subscribe(names: readonly string[]): Promise<undefined[]> {
    await this.redis.call((client) => client.subscribe(...names), 'subscriber');
    return names.map(() => undefined);
  }

  private async unsubscribe(names: readonly string[]): Promise<undefined[]> {
    // Somebody may have come to listen since: the subscription is still theirs.
    const over = names.filter((name) => !this.channels.has(name));
    if (over.length > 0 && this.redis.client('subscriber').status === 'ready') {
      await this.redis.call((client) => client.unsubscribe(...over), 'subscriber');
    }
    return names.map(() => undefined);
  }

  private async unsubscribePattern(name: string): Promise<void> {
    if (this.redis.client('subscriber').status !== 'ready') return;
    await this.redis.call((client) => client.punsubscribe(name), 'subscriber');
  }

  private wire(): void {
    if (this.wired) return;
    this.wired = true;
    const client = this.redis.client('subscriber');
    client.on('message', (channel: string, text: string) => this.tell(this.channels.get(channel), channel, text));
    client.on('pmessage', (pattern: string, channel: string, text: string) =>
      this.tell(this.patterns.get(pattern), channel, text),
    );
  }

  private tell(listeners: ReadonlySet<Listener> | undefined, channel: string, text: string): void {
    for (const listener of listeners ?? []) {
      try {
        listener(channel, text);
      } catch (error) {
        this.logger.error({ err: error, channel }, 'A listener threw');
      }
    }
  }
}
