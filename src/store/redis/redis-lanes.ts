import type { TaskKeys } from '../../task/keys';
import type { Limit } from '../../task/limit';
import type { LanedTask, TakeLimits } from '../limits';
import type { ParkReply } from '../worker-store';
import { chunks } from './chunks';
import type { RedisConnection } from './redis-connection';
import { LARGEST_BATCH } from './script';
import { admit, freeHolders, park, unpark } from './scripts/lanes';

/** What was moved from lanes to an inbox. */
export interface Admitted {
  /** Id -> the name under whose limits it holds a place. */
  readonly names: ReadonlyMap<string, string>;
  readonly msUntilMore: number | undefined;
  /** What was moved beside those, as it holds a place already. */
  readonly again: readonly string[];
}

/** Whose place under the limits is to be freed. */
export interface HeldPlace {
  readonly id: string;
  /** The mark of the place; empty: whichever it is. */
  readonly place: string;
}

/** Where what a worker has taken is, and the mark of the places under limits that it gets. */
export interface Hands {
  readonly inbox: string;
  readonly place: string;
}

/** Where tasks wait that stand under limits, beside their queue, and the places that those hold that run. */
export class RedisLanes {
  /** With which name the next look begins. */
  private turn = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  /** @param hands Whose inbox they leave; undefined: they are new. */
  async park(queue: string | undefined, tasks: readonly LanedTask[], hands?: Hands): Promise<ParkReply[]> {
    const replies = new Map<LanedTask, ParkReply>();
    for (const [name, some] of groupedBy(tasks, (task) => task.name)) {
      for (const few of chunks(some, LARGEST_BATCH)) {
        const answers = await this.parkOf(queue, name, few, hands);
        for (const [position, task] of few.entries()) replies.set(task, answers[position] as ParkReply);
      }
    }
    return tasks.map((task) => replies.get(task) as ParkReply);
  }

  /** Moves ids to an inbox as the limits allow, name by name in turn. */
  async admit(queueName: string | undefined, hands: Hands, limit: number, limits: TakeLimits): Promise<Admitted> {
    const queue = this.keys.queue(queueName);
    const names = new Map<string, string>();
    const again: string[] = [];
    let msUntilMore: number | undefined;
    const inTurn = await this.withLanes(queue, [...limits.names]);
    this.turn += 1;
    inTurn.push(...inTurn.splice(0, this.turn % Math.max(1, inTurn.length)));
    const { inbox, place } = hands;
    const beside = { inbox, paused: this.keys.paused(queue), ...this.ofQueue(queue) };
    for (const [name, { total, perKey, room }] of inTurn) {
      const most = Math.min(limit - names.size - again.length, room);
      if (most <= 0) continue;
      const bounds = { ...argsOf(total, ''), ...argsOf(perKey, 'key'), ...argsOf(limits.queue, 'queue') };
      const keys = { ...this.keys.lanes(queue, name), ...beside };
      const [ids, untilMore, those] = await admit.run(this.redis, keys, { limit: most, place, ...bounds });
      again.push(...those);
      for (const id of ids) names.set(id, name);
      if (untilMore >= 0) msUntilMore = Math.min(untilMore, msUntilMore ?? untilMore);
    }
    return { names, msUntilMore, again };
  }

  /** Frees the places that tasks of one name hold. */
  async free(queueName: string | undefined, name: string, places: readonly HeldPlace[]): Promise<void> {
    const queue = this.keys.queue(queueName);
    const { rates: _, ...lanes } = this.keys.lanes(queue, name);
    const keys = { ...lanes, queueHolders: this.keys.queueHolders(queue) };
    for (const some of chunks(places)) {
      const pairs = some.flatMap(({ id, place }) => [id, place]);
      await freeHolders.run(this.redis, keys, { wake: this.keys.wake(queue) }, pairs);
    }
  }

  /** Those of which a task may wait: one round trip for all, where each look into lanes is one. */
  private async withLanes<T>(queue: string, named: readonly [string, T][]): Promise<[string, T][]> {
    if (named.length < 2) return [...named];
    const sizes = await this.redis.call((client) =>
      Promise.all(named.map(([name]) => client.exists(this.keys.lanes(queue, name).lanes))),
    );
    return named.filter((_, position) => sizes[position] === 1);
  }

  private parkOf(queueName: string | undefined, name: string, tasks: readonly LanedTask[], hands: Hands | undefined) {
    const queue = this.keys.queue(queueName);
    const { rates: _, ...lanes } = this.keys.lanes(queue, name);
    const keys = { laned: this.keys.laned(queue), ...lanes, inbox: hands?.inbox ?? this.keys.inbox(queue, '') };
    const args = { name, fromInbox: hands ? 1 : 0, place: hands?.place ?? '', wake: this.keys.wake(queue) };
    const rows = tasks.flatMap(({ id, lane, createdMs = '', priority }) => [id, lane, createdMs, priority]);
    return park.run(this.redis, keys, args, rows);
  }

  /** How many tasks wait in the lanes of a queue. */
  async size(queueName: string | undefined): Promise<number> {
    const queue = this.keys.queue(queueName);
    const names = await this.names(queue);
    const sizes = await this.redis.call((client) =>
      Promise.all(names.map((name) => client.zcard(this.keys.lanes(queue, name).parked))),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Whether a task waits in a lane of its queue. */
  async has(queueName: string | undefined, name: string, id: string): Promise<boolean> {
    const { counts } = this.keys.lanes(this.keys.queue(queueName), name);
    return (await this.redis.call((client) => client.hexists(counts, `parked:${id}`))) === 1;
  }

  /** Moves tasks to an inbox, whatever the limits; answers with their ids. */
  async unpark(queueName: string | undefined, inbox: string, limit: number): Promise<string[]> {
    const queue = this.keys.queue(queueName);
    const ids: string[] = [];
    for (const name of await this.names(queue)) {
      const { parked, counts } = this.keys.lanes(queue, name);
      const left = limit - ids.length;
      if (left > 0) ids.push(...(await unpark.run(this.redis, { parked, counts, inbox }, { limit: left })));
    }
    return ids;
  }

  /** The names that have waited in lanes of a queue. */
  private names(queue: string): Promise<string[]> {
    return this.redis.call((client) => client.smembers(this.keys.laned(queue)));
  }

  private ofQueue(queue: string) {
    return { queueHolders: this.keys.queueHolders(queue), queueRate: this.keys.queueRate(queue) };
  }
}

/** A limit as the script takes it. */
function argsOf<Prefix extends '' | 'key' | 'queue'>({ concurrency, rate }: Limit, prefix: Prefix) {
  const name = (word: string) => (prefix === '' ? word : prefix + word[0]?.toUpperCase() + word.slice(1));
  const values: [string, number | ''][] = [
    ['most', Number.isFinite(concurrency) ? concurrency : ''],
    ['max', rate?.max ?? ''],
    ['perMs', rate?.perMs ?? ''],
  ];
  type Names = Prefix extends '' ? 'most' | 'max' | 'perMs' : `${Prefix}${'Most' | 'Max' | 'PerMs'}`;
  return Object.fromEntries(values.map(([word, value]) => [name(word), value])) as Record<Names, number | ''>;
}

export function groupedBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** The earlier of two times, where either may be unknown. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
