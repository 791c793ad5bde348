import type { MemoryBroker } from '../../src/store/memory/memory-broker';
import type { MemoryQueue } from '../../src/store/memory/memory-queue';
import { setFields } from '../../src/store/memory/task-hash';
import type { RawWire } from '../contract/backend';

/** Finds in the broker what the keys name on Redis; only as far as the contract suites go. */
export class MemoryRawWire implements RawWire {
  constructor(private readonly broker: MemoryBroker) {}

  async hset(key: string, fields: Readonly<Record<string, string>>): Promise<void> {
    setFields(this.broker.findOrMake(this.idOf(key)), fields);
  }

  async hgetall(key: string): Promise<Record<string, string>> {
    const unique = this.broker.keys.unique('');
    if (key.startsWith(unique))
      return { ...this.broker.uniques.get(key.slice(unique.length)) } as Record<string, string>;
    return Object.fromEntries(this.broker.find(this.idOf(key)) ?? []);
  }

  async del(key: string): Promise<void> {
    if (key === this.broker.keys.leases) this.broker.leases.clear();
    else this.broker.delete(this.idOf(key));
  }

  async lpush(key: string, ...values: readonly string[]): Promise<void> {
    const { queue, worker } = this.listOf(key);
    for (const value of values) {
      if (worker === undefined) queue.pushEnd(value);
      else queue.inboxOf(worker).addStray(value);
    }
  }

  /** To the log of a task. */
  async rpush(key: string, ...values: readonly string[]): Promise<void> {
    this.broker.logs.get(this.logOf(key) as string)?.push(...values);
  }

  async lrange(key: string): Promise<string[]> {
    const logOf = this.logOf(key);
    if (logOf !== undefined) {
      this.broker.dropExpired();
      return [...(this.broker.logs.get(logOf) ?? [])];
    }
    const { queue, worker } = this.listOf(key);
    return (worker === undefined ? queue.peek() : queue.inboxOf(worker).ids).toReversed();
  }

  async sadd(_key: string, ...members: readonly string[]): Promise<void> {
    for (const member of members) this.broker.active.add(member);
  }

  async smembers(_key: string): Promise<string[]> {
    return [...this.broker.active];
  }

  async publish(channel: string, text: string): Promise<void> {
    this.broker.channels.publish(channel, text);
  }

  /** The id whose log has this key. */
  private logOf(key: string): string | undefined {
    const [before, after] = this.broker.keys.log('\n').split('\n') as [string, string];
    const isLog = key.startsWith(before) && key.endsWith(after);
    return isLog ? key.slice(before.length, -after.length) : undefined;
  }

  private idOf(key: string): string {
    const id = this.broker.keys.eventTaskId(key);
    if (id === undefined) throw new Error(`"${key}" is no key of a task.`);
    return id;
  }

  private listOf(key: string): { queue: MemoryQueue; worker?: string } {
    const { endQueue, keys } = this.broker;
    const named = /^(?:\{?new-task:)([\w.-]+)/.exec(key.replace(keys.newQueue, 'new-task'))?.[1];
    const lists = ['default', ...(named ? [named] : [])].map(
      (name) => [keys.queue(name), this.broker.queue(name)] as const,
    );
    for (const [name, queue] of [...lists, [keys.endQueue, endQueue] as const]) {
      const prefix = keys.inbox(name, '');
      if (key === name) return { queue };
      if (key.startsWith(prefix)) return { queue, worker: key.slice(prefix.length) };
    }
    throw new Error(`"${key}" is no list.`);
  }
}
