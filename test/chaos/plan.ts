import { Random } from './random';

/** Faults that hit one worker; `ms` is how long they last. */
type WorkerFault =
  | { readonly kind: 'kill' | 'leave' | 'pause'; readonly worker: number; readonly ms: number }
  | { readonly kind: 'refuse' | 'freeze'; readonly worker: number; readonly ms: number }
  | { readonly kind: 'slow'; readonly worker: number; readonly ms: number; readonly delayMs: number }
  | { readonly kind: 'cut'; readonly worker: number }
  /** The connection is cut around the script call that comes after so many others. */
  | {
      readonly kind: 'cut-before' | 'cut-after';
      readonly worker: number | 'client';
      readonly callsBefore: number;
    };

/** What happens in a run, and when. */
export type Fault = { readonly atMs: number } & (
  | WorkerFault
  | { readonly kind: 'cut-all' }
  | { readonly kind: 'redis-restart'; readonly ms: number }
  /** To one of the endless tasks; the `publish-` ones by hand, so that they may be lost. */
  | { readonly kind: 'stop' | 'reload' | 'publish-stop' | 'publish-reload'; readonly endless: number }
);

export type FaultKind = Fault['kind'];
/** The restarts of Redis have a rhythm of their own. */
type ChosenKind = Exclude<FaultKind, 'redis-restart'>;

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly workers: number;
  /** How many endless tasks there are to be stopped and reloaded. */
  readonly endless: number;
}

/** Of each kind so many in a minute, less those for which enough workers are not well in time. */
const IN_A_MINUTE: Readonly<Record<ChosenKind, number>> = {
  kill: 10,
  leave: 4,
  pause: 10,
  refuse: 4,
  freeze: 5,
  slow: 4,
  cut: 10,
  'cut-before': 10,
  'cut-after': 14,
  'cut-all': 5,
  stop: 6,
  reload: 6,
  'publish-stop': 4,
  'publish-reload': 4,
};

const SECONDS_A_RESTART = 12;
/** Until a worker that was started again works. */
const START_UP_MS = 2_500;
/** The first fault waits for the run to be under way. */
const CALM_BEFORE_MS = 800;
const LONGEST_FAULT_MS = 5_000;

/**
 * Every fault of a run in the order of time; all are over by its end. A pure function: the same options give the same plan.
 */
export function planFaults({ seed, seconds, workers, endless }: PlanOptions): Fault[] {
  const random = new Random(seed);
  const longestMs = seconds * 1_000;
  const endMs = Math.max(CALM_BEFORE_MS + 1, longestMs - LONGEST_FAULT_MS);
  const share = seconds / 60;
  const kinds = Object.entries(IN_A_MINUTE).flatMap(([kind, count]) =>
    Array<ChosenKind>(Math.max(1, Math.round(count * share))).fill(kind as ChosenKind),
  );
  const spanMs = endMs - CALM_BEFORE_MS;
  const timesMs = kinds.map(() => CALM_BEFORE_MS + Math.floor(random.next() * spanMs)).sort((a, b) => a - b);
  const choice = new FaultChoice(random, workers, endless);
  const faults = random.shuffled(kinds).map((kind, position) => choice.make(kind, timesMs[position] as number));
  return [...faults, ...redisRestarts(random, seconds, spanMs)]
    .filter((fault) => endOf(fault) <= longestMs)
    .sort((a, b) => a.atMs - b.atMs);
}

/** When its effects are over, in milliseconds from the start. */
export function endOf(fault: Fault): number {
  return fault.atMs + ('ms' in fault ? fault.ms : 0);
}

function redisRestarts(random: Random, seconds: number, spanMs: number): Fault[] {
  const count = Math.max(1, Math.round(seconds / SECONDS_A_RESTART));
  const partMs = spanMs / count;
  return Array.from({ length: count }, (_, nth) => ({
    kind: 'redis-restart',
    atMs: CALM_BEFORE_MS + Math.floor(partMs * (nth + 0.2 + 0.6 * random.next())),
    ms: random.between(50, 1_500),
  }));
}

/** Chooses whom a fault hits, and how hard; at least half of the workers, rounded down, are always well. */
class FaultChoice {
  private readonly illUntilMs: number[];

  constructor(
    private readonly random: Random,
    workers: number,
    private readonly endless: number,
  ) {
    this.illUntilMs = Array(workers).fill(0);
  }

  make(kind: ChosenKind, atMs: number): Fault {
    const { random } = this;
    const anyWorker = random.between(0, this.illUntilMs.length - 1);
    switch (kind) {
      case 'kill':
      case 'leave':
        return this.lasting(kind, atMs, random.between(200, 1_500), START_UP_MS);
      case 'pause':
        return this.lasting(kind, atMs, random.between(300, LONGEST_FAULT_MS));
      case 'refuse':
        return this.lasting(kind, atMs, random.between(300, 4_000));
      case 'freeze':
        return this.lasting(kind, atMs, random.between(300, 4_500));
      case 'slow':
        return this.lasting(kind, atMs, random.between(1_000, LONGEST_FAULT_MS));
      case 'cut-before':
      case 'cut-after': {
        const worker = random.next() < 0.2 ? 'client' : anyWorker;
        return { kind, atMs, worker, callsBefore: random.between(0, 40) };
      }
      case 'cut':
        return { kind, atMs, worker: anyWorker };
      case 'cut-all':
        return { kind, atMs };
      default:
        return { kind, atMs, endless: random.between(0, this.endless - 1) };
    }
  }

  private lasting(
    kind: 'kill' | 'leave' | 'pause' | 'refuse' | 'freeze' | 'slow',
    atMs: number,
    ms: number,
    afterMs = 500,
  ): Fault {
    const delayMs = this.random.between(5, 150);
    // Those that are well longest ago come first; half of them stay well.
    const untilMs = [...this.illUntilMs].sort((a, b) => a - b);
    const fromMs = Math.max(atMs, untilMs[Math.floor(untilMs.length / 2)] as number);
    const well = this.illUntilMs.flatMap((endMs, worker) => (endMs <= fromMs ? [worker] : []));
    const worker = this.random.pick(well);
    this.illUntilMs[worker] = fromMs + ms + afterMs;
    return kind === 'slow' ? { kind, atMs: fromMs, worker, ms, delayMs } : { kind, atMs: fromMs, worker, ms };
  }
}

/** One line for a fault. */
export function describeFault({ atMs, kind, ...rest }: Fault): string {
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [`${(atMs / 1_000).toFixed(1)} s`, kind, ...facts].join(' ');
}
