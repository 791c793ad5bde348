import { InvalidArgumentError } from 'commander';

/** For `Option.argParser`: a whole number. @param least 0 where it has a meaning of its own. */
export function readCount(least: 0 | 1): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,9}$/.test(text) && count >= least) return count;
    throw new InvalidArgumentError(`It is no number of things: give a whole number, ${least} or more.`);
  };
}
