import type { Logger } from '../logger';
import type { RedisConnection } from '../store/redis/redis-connection';
import type { RedisClient } from '../store/redis/redis-spec';
import { isControlMessage } from '../task/control';
import { parseEvent } from '../task/event';
import type { TaskKeys } from '../task/keys';
import type { ControlListener, EventBus, EventListener, Unsubscribe } from './event-bus';

type Listener = (channel: string, text: string) => void;

/** One subscriber connection, however many listen: a channel or pattern is subscribed with its first listener. */
export class RedisEventBus implements EventBus {
  private readonly channels = new Map<string, Set<Listener>>();
  private readonly patterns = new Map<string, Set<Listener>>();
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
      await this.redis.call(
        (client) => (table === this.channels ? client.subscribe(name) : client.psubscribe(name)),
        'subscriber',
      );
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
    const client = this.redis.client('subscriber');
    if (client.status !== 'ready') return;
    // Not waited for: a Redis that hangs would hold up whoever leaves, and nobody listens to this any more.
    this.redis
      .call(
        (subscriber) => (table === this.channels ? subscriber.unsubscribe(name) : subscriber.punsubscribe(name)),
        'subscriber',
      )
      .catch(() => {}); // A lost connection has no subscriptions left.
  }

  private wire(): void {
    if (this.wired) return;
    this.wired = true;
    const client = this.redis.client('subscriber');
    client.on('message', (channel: string, text: string) => this.tell(this.channels.get(channel), channel, text));
    client.on('pmessage', (pattern: string, channel: string, text: string) =>
      this.tell(this.patterns.get(pattern), channel, text),
    );
    client.on('ready', () => this.subscribeAgain(client));
  }

  /** All that is listened to, on a new connection; one that is lost meanwhile is followed by the next. */
  private subscribeAgain(client: RedisClient): void {
    if (this.channels.size > 0) client.subscribe(...this.channels.keys()).catch(() => {});
    if (this.patterns.size > 0) client.psubscribe(...this.patterns.keys()).catch(() => {});
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
