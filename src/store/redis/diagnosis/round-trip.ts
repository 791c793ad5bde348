import { checksOf } from '../../diagnosis';
import { eachNode } from './check-view';

const { ok, note, warning } = checksOf('round-trip');
const PINGS = 20;
const SLOW_MS = 20;
const VERY_SLOW_MS = 1_000;

export const checkRoundTrip = eachNode(async (node, { redis, clock }) => {
  const times: number[] = [];
  while (times.length < PINGS) {
    const sentMs = clock.monotonicMs();
    await redis.call(() => node.client.ping());
    times.push(clock.monotonicMs() - sentMs);
  }
  times.sort((a, b) => a - b);
  const [median, longest] = [times[PINGS / 2] as number, times[PINGS - 1] as number];
  const told = `${PINGS} PINGs took ${median.toFixed(1)} ms in the middle, ${longest.toFixed(1)} ms at most`;
  if (longest >= VERY_SLOW_MS)
    return warning(told, 'Something holds Redis or the network up: SLOWLOG GET, LATENCY DOCTOR.');
  return median >= SLOW_MS ? note(`${told}: far away`, 'Run workers near Redis.') : ok(told);
});
