import { Backoff } from '../backoff';
import type { Clock } from '../clock';
import { HealthBoard, type HealthPart } from '../health';
import type { Logger } from '../logger';
import { Batcher } from '../store/redis/batcher';
import { MOST_IDS_A_CALL } from '../store/redis/chunks';
import type { RedisConnection } from '../store/redis/redis-connection';
import type { RedisClient } from '../store/redis/redis-spec';
import { isControlMessage } from '../task/control';
import { parseEvent } from '../task/event';
import type { TaskKeys } from '../task/keys';
import type { ControlListener, EventBus, EventListener, Unsubscribe } from './event-bus';

type Listener = (channel: string, text: string) => void;

interface Subscription {
  readonly listeners: Set<Listener>;
  /** Redis has confirmed it once: from then on it is ours to make again, before it is that of who asks for it. */
  stands: boolean;
}

type Table = Map<string, Subscription>;

/** One subscriber connection, however many listen: a channel or pattern is subscribed with its first listener. */
export class RedisEventBus implements EventBus {
  private readonly channels: Table = new Map();
  private readonly patterns: Table = new Map();
  private readonly health: HealthPart;
  /** Those of one turn of the event loop travel together: whoever waits for many results begins and ends many at a time. */
  private readonly beginning = new Batcher<string, undefined>((names) => this.subscribe(names), MOST_IDS_A_CALL);
  private readonly ending = new Batcher<string, undefined>((names) => this.unsubscribe(names), MOST_IDS_A_CALL);
  /** Aborts when the connection that it was begun for is lost, or the bus closed. */
  private subscribing = new AbortController();
  private wired = false;

  /** @param board Where it tells that it is deaf; by default only the log hears of it. */
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly clock: Clock,
    private readonly logger: Logger,
    board = new HealthBoard(clock, logger),
  ) {
    this.health = board.part('subscriptions', {
      fails: 'What was listened to cannot be subscribed again; trying again until it can',
      works: 'What was listened to is subscribed again',
    });
  }

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

  async onWake(queues: readonly string[], listener: () => void): Promise<Unsubscribe> {
    const channels = queues.map((queue) => this.keys.wake(this.keys.queue(queue)));
    const ends = await Promise.all(channels.map((channel) => this.listen(this.channels, channel, listener)));
    return async () => {
      await Promise.all(ends.map((end) => end()));
    };
  }

  async close(): Promise<void> {
    this.channels.clear();
    this.patterns.clear();
    this.subscribing.abort();
  }

  private async listen(table: Table, name: string, listener: Listener): Promise<Unsubscribe> {
    this.wire();
    const subscription = table.get(name) ?? { listeners: new Set(), stands: false };
    subscription.listeners.add(listener);
    table.set(name, subscription);
    try {
      // Also where others listen already: the reply says that nothing published from now on is missed.
      if (table === this.channels) await this.beginning.add(name);
      else await this.redis.call((client) => client.psubscribe(name), 'subscriber');
      subscription.stands = true;
    } catch (error) {
      await this.unlisten(table, name, listener);
      throw error;
    }
    return () => this.unlisten(table, name, listener);
  }

  private async unlisten(table: Table, name: string, listener: Listener): Promise<void> {
    const listeners = table.get(name)?.listeners;
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    table.delete(name);
    // Not waited for: a Redis that hangs would hold up whoever leaves, and nobody listens to this any more.
    const ended = table === this.channels ? this.ending.add(name) : this.unsubscribePattern(name);
    ended.catch(() => {}); // A lost connection has no subscriptions left; what a refused one brings has no listener.
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
    client.on('ready', () => void this.subscribeAgain(client));
    client.on('close', () => this.subscribing.abort());
  }

  /** All that was listened to, on a new connection. Does not reject, and ends with the connection, which the next one follows. */
  private async subscribeAgain(client: RedisClient): Promise<void> {
    this.subscribing.abort();
    this.subscribing = new AbortController();
    const { signal } = this.subscribing;
    const backoff = new Backoff(this.clock);
    while (!signal.aborted) {
      const [channels, patterns] = [standing(this.channels), standing(this.patterns)];
      try {
        await Promise.all([
          channels.length > 0 ? client.subscribe(...channels) : undefined,
          patterns.length > 0 ? client.psubscribe(...patterns) : undefined,
        ]);
        this.health.works();
        return;
      } catch (error) {
        // Else the connection is lost, which is told elsewhere.
        if ((error as Error).name === 'ReplyError') this.health.fails(error);
        await backoff.fail(signal);
      }
    }
  }

  private tell(subscription: Subscription | undefined, channel: string, text: string): void {
    for (const listener of subscription?.listeners ?? []) {
      try {
        listener(channel, text);
      } catch (error) {
        this.logger.error({ err: error, channel }, 'A listener threw');
      }
    }
  }
}

function standing(table: Table): string[] {
  return [...table].flatMap(([name, { stands }]) => (stands ? [name] : []));
}
