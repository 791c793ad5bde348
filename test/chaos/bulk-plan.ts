import { BULK, type BulkKind } from './kinds';
import { Random } from './random';

/** How bulk control is to meet a task: in a queue that is paused, there by its priority, before its time, or soon begun. */
export const SITUATIONS = ['listed', 'prioritized', 'delayed', 'begun'] as const;
export type Situation = (typeof SITUATIONS)[number];

export interface BulkTask {
  readonly id: string;
  readonly situation: Situation;
  /** How long it takes once it was restarted, where it is of that kind. */
  readonly seconds: number;
}

/** Some tasks of one kind, and the bulk calls that follow on their start. */
export interface BulkRound {
  readonly kind: BulkKind;
  /** From the start of the run; a round begins later where that before it of its kind goes on. */
  readonly atMs: number;
  /** The first call waits until those run that can; else it comes while they are started, by chance before or after. */
  readonly untilBegun: boolean;
  /** From then to the first call. */
  readonly waitMs: number;
  /** From the begin of the first call to a cut of the client's connections; undefined: none. */
  readonly cutMs: number | undefined;
  readonly tasks: readonly BulkTask[];
}

/** Of each kind so many in a minute: each call looks at every task there is. */
const ROUNDS_A_MINUTE = 12;
const TASKS_A_ROUND = 8;
const PART_CUT_OFF = 0.5;
/** About as long as a call takes among some thousand tasks. */
const LONGEST_TO_CUT_MS = 200;

/** Which bulk calls are made when, and of which tasks. A pure function, as `planFaults`. */
export function planBulk(seed: number, seconds: number, spanMs: number): BulkRound[] {
  const random = new Random(seed ^ 0xb01c);
  const count = Math.max(1, Math.round((ROUNDS_A_MINUTE * seconds) / 60));
  const kinds = Object.keys(BULK) as BulkKind[];
  const rounds = kinds.flatMap((kind) => {
    const timesMs = Array.from({ length: count }, () => Math.floor(random.next() * spanMs)).sort((a, b) => a - b);
    return timesMs.map((atMs, nth): BulkRound => ({ kind, atMs, ...tasksOf(random, kind, nth) }));
  });
  return rounds.sort((one, other) => one.atMs - other.atMs);
}

function tasksOf(random: Random, kind: BulkKind, nth: number): Omit<BulkRound, 'kind' | 'atMs'> {
  const situations = random.shuffled(
    Array.from({ length: TASKS_A_ROUND }, (_, place) => SITUATIONS[place % 4] as Situation),
  );
  return {
    // In turn, so that a short run has both.
    untilBegun: nth % 2 === 0,
    waitMs: random.between(0, 200),
    cutMs: random.next() < PART_CUT_OFF ? random.between(0, LONGEST_TO_CUT_MS) : undefined,
    tasks: situations.map((situation, place) => ({
      id: `${kind}-${nth * TASKS_A_ROUND + place}`,
      situation,
      seconds: random.between(1, 10) / 10,
    })),
  };
}
