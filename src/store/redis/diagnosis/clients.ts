import { checksOf } from '../../diagnosis';
import { eachNode } from './check-view';

const { ok, note } = checksOf('clients');

/** The processes of ours that are connected, by the names of their connections. */
export const checkClients = eachNode(async (node, { redis }) => {
  const text = String(await redis.call(() => node.client.client('LIST')));
  const count = (role: string) => text.split('\n').filter((line) => line.includes(` name=taskwarden:${role} `)).length;
  // One is this process.
  const processes = Math.max(0, count('commands') - 1);
  const waiting = count('blocking');
  if (processes === 0) return note('no other process of taskwarden is connected');
  return ok(
    `${processes} other ${processes === 1 ? 'process' : 'processes'} of taskwarden, ${waiting} of them with a worker that has waited for tasks`,
  );
});
