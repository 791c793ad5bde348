import { deferred } from '../deferred';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Signals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  /** Gives the signals their usual effect back. */
  restore(): void;
}

/** From now on SIGINT and SIGTERM do nothing but settle these promises. */
export function untilSignal(): Signals {
  const first = deferred();
  const second = deferred();
  let count = 0;
  const onSignal = () => {
    count += 1;
    (count === 1 ? first : second).resolve();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    first: first.promise,
    second: second.promise,
    restore: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
