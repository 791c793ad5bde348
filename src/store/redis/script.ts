import { createHash } from 'node:crypto';
import calculateSlot from 'cluster-key-slot';
import { chunks } from './chunks';
import type { RedisConnection } from './redis-connection';
import type { RedisClient } from './redis-spec';

type Values<Names extends string> = Readonly<Record<Names, string | number>>;
type ScriptCommand = (keyCount: number, ...keysAndArgs: (string | number)[]) => Promise<unknown>;

/** A batch script is called with at most so many keys: beyond it nothing gets faster, and Redis serves others between. */
export const LARGEST_BATCH = 250;

interface ScriptText {
  readonly name: string;
  /** By which Redis knows it. */
  readonly sha1: string;
}

/** A script on a few named keys of one slot. */
export interface Script<Keys extends string, Args extends string, Reply> extends ScriptText {
  /** @param rest Further arguments, found in Lua from `ARGV[#args + 1]` on. */
  run(
    redis: RedisConnection,
    keys: Readonly<Record<Keys, string>>,
    args: Values<Args>,
    rest?: readonly (string | number)[],
  ): Promise<Reply>;
}

/** What a batch script is to work at. */
type Item<Row extends string> = Values<Row> & {
  readonly key: string;
  /** Of a script that names a second key of each item. */
  readonly beside?: string;
};

/** A script that does the same to each of many keys, whatever their slots. */
export interface BatchScript<Args extends string, Row extends string, Reply, Keys extends string = never>
  extends ScriptText {
  /**
   * Groups the items by slot and calls the script once for each group.
   * @param rest Further arguments for all items, found in Lua from `rest` on.
   * @param keys What the script uses beside the items.
   * @returns The replies in the order of the items.
   */
  run(
    redis: RedisConnection,
    items: readonly Item<Row>[],
    args: Values<Args>,
    ...more: [Keys] extends [never]
      ? [rest?: readonly (string | number)[]]
      : [rest: readonly (string | number)[], keys: Readonly<Record<Keys, string>>]
  ): Promise<Reply[]>;
}

/**
 * Defines a script whose Lua sees its keys and arguments under their names.
 * The command carries a hash of the text, so that two versions of this package can share a Redis.
 */
export function defineScript<Keys extends string, Args extends string, Reply>(spec: {
  readonly name: string;
  readonly keys: readonly Keys[];
  readonly args: readonly Args[];
  /** Also while Redis is at its memory limit: for what keeps the living alive, and needs no more memory. */
  readonly allowOom?: true;
  readonly lua: string;
}): Script<Keys, Args, Reply> {
  const lua = `${head(spec)}${locals(spec.keys, 'KEYS')}${locals(spec.args, 'ARGV')}${spec.lua}`;
  const { sha1, command } = named(spec.name, lua);
  return {
    name: spec.name,
    sha1,
    run: (redis, keys, args, rest = []) =>
      redis.call((client) => {
        const values = [...spec.keys.map((name) => keys[name]), ...spec.args.map((name) => args[name]), ...rest];
        return scriptCommand(client, command, lua)(spec.keys.length, ...values) as Promise<Reply>;
      }),
  };
}

/**
 * Defines a script by what it does to one key. Its Lua is the body of a function: it sees `key`, the values of the
 * item's row, the arguments and the keys beside them under their names, and returns the reply.
 */
export function defineBatchScript<Args extends string, Row extends string, Reply, Keys extends string = never>(
  spec: BatchSpec<Args, Row, Keys>,
): BatchScript<Args, Row, Reply, Keys> {
  const lua = head(spec) + batchLua(spec);
  const { sha1, command } = named(spec.name, lua);
  const more = spec.keys ?? [];
  return {
    name: spec.name,
    sha1,
    run: async (redis, items, args, rest?: readonly (string | number)[], keys?: Readonly<Record<Keys, string>>) => {
      const call = (some: readonly Item<Row>[]) => {
        const values: (string | number)[] = [];
        for (const item of some) values.push(item.key);
        if (spec.beside) for (const item of some) values.push(item.beside as string);
        for (const name of more) values.push((keys as Readonly<Record<Keys, string>>)[name]);
        for (const name of spec.args) values.push(args[name]);
        for (const item of some) for (const name of spec.row) values.push(item[name]);
        for (const value of rest ?? []) values.push(value);
        const keyCount = some.length * (spec.beside ? 2 : 1) + more.length;
        return redis.call((client) => scriptCommand(client, command, lua)(keyCount, ...values) as Promise<Reply[]>);
      };
      // Most calls: there is nothing to group, and nothing to put back in order.
      if (!redis.isCluster && items.length <= LARGEST_BATCH && items.length > 0) return call(items);
      const replies = new Array<Reply>(items.length);
      const calls = groups(items, redis.isCluster).map(async (positions) => {
        const answers = await call(positions.map((position) => items[position] as (typeof items)[number]));
        positions.forEach((position, place) => {
          replies[position] = answers[place] as Reply;
        });
      });
      await Promise.all(calls);
      return replies;
    },
  };
}

interface BatchSpec<Args extends string, Row extends string, Keys extends string> {
  readonly name: string;
  /** The name of a second key of each item, which is in the slot of the first. */
  readonly beside?: string;
  /** Keys beside the items, for all of them: only for where one Redis has every key. */
  readonly keys?: readonly Keys[];
  readonly args: readonly Args[];
  readonly row: readonly Row[];
  readonly allowOom?: true;
  /** Runs once a call, before the items. */
  readonly prepare?: string;
  readonly lua: string;
  /** Runs once a call, after the items. */
  readonly conclude?: string;
}

function batchLua({
  keys = [],
  beside: second,
  args,
  row,
  prepare = '',
  lua,
  conclude = '',
}: BatchSpec<string, string, string>): string {
  const first = args.length + 1;
  const width = row.length;
  const items = second ? 'count * 2' : 'count';
  const beside = keys.map((name, place) => `local ${name} = KEYS[${items} + ${place + 1}]\n`).join('');
  const values = row.map((_, place) => `ARGV[row + ${place}]`);
  return `local count = ${second ? `(#KEYS - ${keys.length}) / 2` : `#KEYS - ${keys.length}`}
${beside}${locals(args, 'ARGV')}local rest = ${first} + count * ${width}
${prepare}
local function one(${['key', ...(second ? [second] : []), ...row].join(', ')})
${lua}
end
local replies = {}
for i = 1, count do
  local row = ${first} + (i - 1) * ${width}
  replies[i] = one(${['KEYS[i]', ...(second ? ['KEYS[count + i]'] : []), ...values].join(', ')})
end
${conclude}
return replies`;
}

function head({ allowOom }: { readonly allowOom?: true }): string {
  return allowOom ? '#!lua flags=allow-oom\n' : '';
}

function locals(names: readonly string[], table: 'KEYS' | 'ARGV'): string {
  return names.map((name, place) => `local ${name} = ${table}[${place + 1}]\n`).join('');
}

function named(name: string, lua: string): { sha1: string; command: string } {
  const sha1 = createHash('sha1').update(lua).digest('hex');
  return { sha1, command: `taskwarden_${name}_${sha1.slice(0, 10)}` };
}

/** The command of a script on this client, defined when first used: ioredis then loads it again after SCRIPT FLUSH. */
function scriptCommand(client: RedisClient, name: string, lua: string): ScriptCommand {
  const commands = client as unknown as Record<string, ScriptCommand | undefined>;
  if (!commands[name]) client.defineCommand(name, { lua });
  return (commands[name] as ScriptCommand).bind(client);
}

/** Positions of the items that travel in one call, call by call. */
export function groups(items: readonly { readonly key: string }[], bySlot: boolean): (readonly number[])[] {
  const slots = new Map<number, number[]>();
  items.forEach(({ key }, position) => {
    const slot = bySlot ? calculateSlot(key) : 0;
    const group = slots.get(slot);
    if (group) group.push(position);
    else slots.set(slot, [position]);
  });
  return [...slots.values()].flatMap((positions) => chunks(positions, LARGEST_BATCH));
}
