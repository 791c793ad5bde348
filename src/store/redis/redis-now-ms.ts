import type { RedisConnection } from './redis-connection';

/** By the clock of Redis, in epoch milliseconds. */
export async function redisNowMs(redis: RedisConnection): Promise<number> {
  return timeToMs(await redis.call((client) => client.time()));
}

/** What the command `TIME` answers, seconds and microseconds, in epoch milliseconds. */
export function timeToMs([seconds, micros]: readonly (number | string)[]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
