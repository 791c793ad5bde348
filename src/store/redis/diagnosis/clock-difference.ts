import { checksOf } from '../../diagnosis';
import { redisNowMs } from '../redis-now-ms';
import type { CheckFunction } from './check-view';

const { ok, note, warning } = checksOf('clock');
const NOTED_MS = 1_000;
const TOO_FAR_MS = 10_000;

/** Leases and delays go by the clock of Redis; a `runAt` that is told as a time goes by that of the machine that tells it. */
export const checkClock: CheckFunction = async ({ redis, clock }) => {
  const sentMs = clock.nowMs();
  const theirsMs = await redisNowMs(redis);
  const difference = Math.round((sentMs + clock.nowMs()) / 2 - theirsMs);
  const told = `this machine's clock is ${Math.abs(difference)} ms ${difference < 0 ? 'behind' : 'ahead of'} that of Redis`;
  if (Math.abs(difference) >= TOO_FAR_MS)
    return [warning(told, 'Set both by NTP: tasks with a runAt begin at another time than their producer means.')];
  return [Math.abs(difference) >= NOTED_MS ? note(told) : ok(told)];
};
