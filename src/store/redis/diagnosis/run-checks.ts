import type { Clock } from '../../../clock';
import { StoreRefusedError } from '../../../errors';
import type { TaskKeys } from '../../../task/keys';
import { type Check, type CheckName, checksOf } from '../../diagnosis';
import type { RedisConnection } from '../redis-connection';
import { redisNowMs } from '../redis-now-ms';
import { type CheckFunction, type CheckView, readNodes } from './check-view';
import { checkCleanup } from './cleanup-lag';
import { checkClients } from './clients';
import { checkClock } from './clock-difference';
import { checkCluster } from './cluster-state';
import { checkConnections } from './connections';
import { checkMemory } from './memory';
import { checkMonitor } from './monitor-duty';
import { checkPersistence } from './persistence';
import { checkQueues } from './queue-lag';
import { checkReplication } from './replication';
import { checkRights } from './rights';
import { checkRoundTrip } from './round-trip';
import { checkSchedules } from './schedule-lag';
import { checkSlowLog } from './slow-log';
import { checkVersion } from './version';

const CHECKS: readonly (readonly [CheckName, CheckFunction])[] = [
  ['version', checkVersion],
  ['cluster', checkCluster],
  ['memory', checkMemory],
  ['persistence', checkPersistence],
  ['replication', checkReplication],
  ['connections', checkConnections],
  ['rights', checkRights],
  ['clients', checkClients],
  ['clock', checkClock],
  ['round-trip', checkRoundTrip],
  ['slow-log', checkSlowLog],
  ['monitor', checkMonitor],
  ['queue', checkQueues],
  ['schedules', checkSchedules],
  ['cleanup', checkCleanup],
];

/**
 * Looks at everything but the places of the tasks, one after the other; what this Redis does not let us see is a note.
 * @throws {StoreUnavailableError} Redis did not answer.
 */
export async function runChecks(
  redis: RedisConnection,
  keys: TaskKeys,
  { clock, overdueMs }: { readonly clock: Clock; readonly overdueMs: number },
): Promise<Check[]> {
  const [nodes, nowMs] = [await readNodes(redis), await redisNowMs(redis)];
  const view: CheckView = { redis, keys, clock, nodes, nowMs, overdueMs };
  const checks: Check[] = [];
  for (const [name, look] of CHECKS) checks.push(...(await looked(name, look, view)));
  return checks;
}

async function looked(name: CheckName, look: CheckFunction, view: CheckView): Promise<readonly Check[]> {
  try {
    return await look(view);
  } catch (error) {
    // Managed Redis has no CONFIG, and a user may lack a right.
    if (!(error instanceof StoreRefusedError)) throw error;
    return [checksOf(name).note(`could not be looked at: ${(error.cause as Error).message}`)];
  }
}
