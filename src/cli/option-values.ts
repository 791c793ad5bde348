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
