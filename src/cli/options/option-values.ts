import { InvalidArgumentError } from 'commander';
import ms from 'ms';

/** Such as `30s`; a plain number is milliseconds. @returns What the client takes. */
export function readDuration(text: string): number {
  const trimmed = text.trim();
  const isReadable = trimmed !== '' && trimmed.length <= 100;
  const milliseconds = isReadable ? ms(trimmed as ms.StringValue) : undefined;
  if (typeof milliseconds === 'number' && Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new InvalidArgumentError('It is no duration: write it as 500ms, 30s, 10m, 2h or 7d.');
}

/** A time of the calendar, or epoch milliseconds. */
export function readTime(text: string): Date {
  const time = new Date(/^\d+$/.test(text) ? Number(text) : text);
  if (Number.isFinite(time.getTime())) return time;
  throw new InvalidArgumentError(
    'It is no time: write it as 2027-01-31T09:00:00Z (without the Z it is local time), or as epoch milliseconds.',
  );
}

export function readPriority(text: string): number {
  if (/^\d$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no priority: give 0, which is taken first, to 9; without it 5.');
}

/** For `Option.argParser`: a whole number. @param least 0 where it has a meaning of its own. */
export function readCount(least: 0 | 1): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,9}$/.test(text) && count >= least) return count;
    throw new InvalidArgumentError(`It is no such number: give a whole one, ${least} or more.`);
  };
}
