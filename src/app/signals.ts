const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Signals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  /** Gives the signals their usual effect back. */
  restore(): void;
}

/** From now on SIGINT and SIGTERM do nothing but settle these promises. */
export function untilSignal(): Signals {
  let count = 0;
  let settle: (() => void)[] = [];
  const [first, second] = [0, 1].map(() => new Promise<void>((resolve) => settle.push(resolve))) as [
    Promise<void>,
    Promise<void>,
  ];
  const onSignal = () => {
    settle[count]?.();
    count += 1;
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    first,
    second,
    restore: () => {
      settle = [];
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
