import type { TaskKeys } from '../../../task/keys';
import { checksOf } from '../../diagnosis';
import { eachNode } from './check-view';

const { ok, note } = checksOf('slow-log');
const ENTRIES = 128;
const LONG_MICROSECONDS = 100_000;

type Entry = readonly [
  id: number,
  atSeconds: number,
  microseconds: number,
  command: readonly string[],
  ...rest: unknown[],
];

/** What of ours has held Redis up, by the slow log. */
export const checkSlowLog = eachNode(async (node, { redis, keys }) => {
  const entries = (await redis.call(() => node.client.slowlog('GET', ENTRIES))) as unknown as readonly Entry[];
  const ours = entries.filter(([, , , command]) => command.some((word) => isOurs(word, keys)));
  if (ours.length === 0) return ok('no commands on our keys in the slow log');
  const longest = ours.reduce((most, entry) => (entry[2] > most[2] ? entry : most));
  const told = `${ours.length} commands on our keys in the slow log, the longest ${(longest[2] / 1_000).toFixed(0)} ms (${longest[3][0]})`;
  return longest[2] < LONG_MICROSECONDS
    ? ok(told)
    : note(told, 'SLOWLOG GET shows them; is the machine of Redis busy, or swapping?');
});

function isOurs(word: string, keys: TaskKeys): boolean {
  const names = [keys.newQueue, keys.endQueue, keys.taskSet];
  return names.some((name) => word === name || word.startsWith(`{${name}`)) || keys.eventTaskId(word) !== undefined;
}
