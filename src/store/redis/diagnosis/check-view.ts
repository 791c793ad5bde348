import type { Redis } from 'ioredis';
import type { Clock } from '../../../clock';
import { StoreRefusedError } from '../../../errors';
import type { TaskKeys } from '../../../task/keys';
import type { Check } from '../../diagnosis';
import type { RedisConnection } from '../redis-connection';
import { nodesOf } from '../scan-steps';

/** One Redis, or a master of a cluster. */
export interface NodeView {
  readonly client: Redis;
  /** Before what is said of it: empty where there is one alone. */
  readonly prefix: string;
  /** A field of `INFO`; undefined where this Redis does not tell it. */
  info(field: string): string | undefined;
}

/** What the checks look at. */
export interface CheckView {
  readonly redis: RedisConnection;
  readonly keys: TaskKeys;
  readonly clock: Clock;
  readonly nodes: readonly NodeView[];
  /** By Redis's clock when the looks began, in epoch milliseconds. */
  readonly nowMs: number;
  /** How long something may wait for who has to do it. */
  readonly overdueMs: number;
}

export type CheckFunction = (view: CheckView) => Promise<readonly Check[]>;

export async function readNodes(redis: RedisConnection): Promise<NodeView[]> {
  const clients = await redis.call(async (client) => nodesOf(client));
  return Promise.all(
    clients.map(async (client) => {
      const text = await redis.call(() => client.info());
      const fields = new Map([...text.matchAll(/^([^#:\r\n]+):([^\r\n]*)/gm)].map(([, name, value]) => [name, value]));
      const { host, port } = client.options;
      return { client, prefix: clients.length > 1 ? `${host}:${port}: ` : '', info: (field) => fields.get(field) };
    }),
  );
}

/** A setting of the server; undefined where it does not tell its settings, as managed ones do not. */
export async function readSetting(
  redis: RedisConnection,
  { client }: NodeView,
  name: string,
): Promise<string | undefined> {
  try {
    return ((await redis.call(() => client.config('GET', name))) as string[])[1];
  } catch (error) {
    if (error instanceof StoreRefusedError) return undefined;
    throw error;
  }
}

/** A check of each node by itself. */
export function eachNode(look: (node: NodeView, view: CheckView) => Check | Promise<Check>): CheckFunction {
  return (view) =>
    Promise.all(
      view.nodes.map(async (node) => {
        const check = await look(node, view);
        return { ...check, message: node.prefix + check.message };
      }),
    );
}
