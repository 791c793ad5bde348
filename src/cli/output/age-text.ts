import ms from 'ms';

/** How long ago, in the largest unit that fits, as `5m`; undefined where the time is not known. */
export function ageText(sinceMs: number | undefined, nowMs: number): string | undefined {
  // Two clocks never agree to the millisecond: what is a little in the future is now.
  return sinceMs === undefined ? undefined : ms(Math.max(0, Math.round(nowMs - sinceMs)));
}
