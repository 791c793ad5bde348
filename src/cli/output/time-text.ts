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

/** How long ago, in the largest unit that fits, as `5m`; undefined where the time is not known. */
export function ageText(sinceMs: number | undefined, nowMs: number): string | undefined {
  // Two clocks never agree to the millisecond: what is a little in the future is now.
  return sinceMs === undefined ? undefined : ms(Math.max(0, Math.round(nowMs - sinceMs)));
}

/** `09:05:01.250`, local. */
export function clockText(timeMs: number): string {
  const time = new Date(timeMs);
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
