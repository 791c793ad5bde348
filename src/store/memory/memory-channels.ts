import { type Logger, silentLogger } from '../../logger';

export type ChannelListener = (channel: string, text: string) => void;

/** Ends a subscription; a second call does nothing. */
export type EndSubscription = () => void;

interface Subscription {
  readonly listener: ChannelListener;
  active: boolean;
}

/** Publish and subscribe inside one process; what is published reaches those who are subscribed at that moment. */
export class MemoryChannels {
  private readonly byChannel = new Map<string, Set<Subscription>>();
  private readonly toEvery = new Set<Subscription>();

  /** @param logger Told of listeners that threw. */
  constructor(private readonly logger: Logger = silentLogger) {}

  subscribe(channel: string, listener: ChannelListener): EndSubscription {
    let subscriptions = this.byChannel.get(channel);
    if (subscriptions === undefined) {
      subscriptions = new Set();
      this.byChannel.set(channel, subscriptions);
    }
    const end = add(subscriptions, listener);
    return () => {
      end();
      if (this.byChannel.get(channel)?.size === 0) this.byChannel.delete(channel);
    };
  }

  /** Hears every channel. */
  subscribeToEvery(listener: ChannelListener): EndSubscription {
    return add(this.toEvery, listener);
  }

  publish(channel: string, text: string): void {
    const subscriptions = [...(this.byChannel.get(channel) ?? []), ...this.toEvery];
    if (subscriptions.length === 0) return;
    // Later, and in the order published: a listener that calls the store must not find it in the middle of a change.
    // By a promise, as test frameworks fake queueMicrotask.
    void Promise.resolve().then(() => {
      for (const subscription of subscriptions) this.deliver(subscription, channel, text);
    });
  }

  private deliver(subscription: Subscription, channel: string, text: string): void {
    if (!subscription.active) return;
    try {
      subscription.listener(channel, text);
    } catch (error) {
      this.logger.error({ err: error, channel }, 'A listener threw; the others were still called.');
    }
  }
}

function add(subscriptions: Set<Subscription>, listener: ChannelListener): EndSubscription {
  const subscription = { listener, active: true };
  subscriptions.add(subscription);
  return () => {
    subscription.active = false;
    subscriptions.delete(subscription);
  };
}
