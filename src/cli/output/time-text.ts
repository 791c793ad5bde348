import ms from 'ms';

/** A time with how long ago it is, or how long it takes until then: `2026-11-28T16:40:10.000Z (5m ago)`. */
export function timeText(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  // Anybody may have written the number.
  if (Number.isNaN(time.getTime())) return `${timeMs}, which is no time`;
  return `${time.toISOString()} (${distanceText(timeMs, nowMs)})`;
}

/** `5m ago`, `in 5m` or `now`. */
export function distanceText(timeMs: number, nowMs: number): string {
  const distanceMs = Math.round(timeMs - nowMs);
  if (Math.abs(distanceMs) < 1) return 'now';
  return distanceMs < 0 ? `${ms(-distanceMs)} ago` : `in ${ms(distanceMs)}`;
}
