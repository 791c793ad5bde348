import { Random } from './random';

export type EndedState = 'SUCCESS' | 'ERROR' | 'EXCEPTION' | 'STOPPED';

interface KindRule {
  /** The task class that runs it. */
  readonly task: string;
  /** Of a thousand tasks so many. */
  readonly share: number;
  /** Every end must be one of these. */
  readonly ends: readonly EndedState[];
}

/** Every kind of task that a run starts in number; the endless and the poisonous come beside them. */
export const KINDS = {
  quick: { task: 'chaos/quick', share: 335, ends: ['SUCCESS'] },
  /** Started as any program may: HSET, HSET, LPUSH. */
  plain: { task: 'chaos/quick', share: 140, ends: ['SUCCESS'] },
  'expected-failure': { task: 'chaos/fail', share: 60, ends: ['ERROR'] },
  exception: { task: 'chaos/crash', share: 50, ends: ['EXCEPTION'] },
  'bad-input': { task: 'chaos/slow', share: 10, ends: ['EXCEPTION'] },
  /** Fails twice, and is retried. */
  retried: { task: 'chaos/retry', share: 30, ends: ['SUCCESS'] },
  /** Due half a second after it was started. */
  later: { task: 'chaos/quick', share: 20, ends: ['SUCCESS'] },
  talker: { task: 'chaos/talk', share: 50, ends: ['SUCCESS'] },
  slow: { task: 'chaos/slow', share: 40, ends: ['SUCCESS'] },
  /** Started again under its id once it has ended. */
  again: { task: 'chaos/quick', share: 20, ends: ['SUCCESS'] },
  /** Kept for good, and pushed again by hand once it has ended. */
  'plain-again': { task: 'chaos/quick', share: 10, ends: ['SUCCESS'] },
  /** Stopped at once, mostly while it waits, then restarted. */
  stopped: { task: 'chaos/slow', share: 20, ends: ['STOPPED', 'SUCCESS'] },
  reloaded: { task: 'chaos/slow', share: 10, ends: ['SUCCESS'] },
  /** Of these at most one waits or runs at a time; most starts find another one there. */
  only: { task: 'chaos/slow', share: 20, ends: ['SUCCESS'] },
  kept: { task: 'chaos/quick', share: 15, ends: ['SUCCESS'] },
  /** One at a time in a worker: the others are held in its inbox. */
  bounded: { task: 'chaos/bounded', share: 15, ends: ['SUCCESS'] },
  /** In a queue of its own, that all workers serve. */
  named: { task: 'chaos/quick', share: 40, ends: ['SUCCESS'] },
  /** The same, fails twice, and is retried there. */
  'named-retried': { task: 'chaos/retry', share: 10, ends: ['SUCCESS'] },
  /** Pushed there as any program may. */
  'named-plain': { task: 'chaos/quick', share: 10, ends: ['SUCCESS'] },
  /** Stopped there at once, then restarted. */
  'named-stopped': { task: 'chaos/slow', share: 10, ends: ['STOPPED', 'SUCCESS'] },
  urgent: { task: 'chaos/quick', share: 10, ends: ['SUCCESS'] },
  /** After all others; stopped at once, mostly while it waits, then restarted. */
  patient: { task: 'chaos/slow', share: 20, ends: ['STOPPED', 'SUCCESS'] },
  /** Its deadline is over long before it would end. */
  overdue: { task: 'chaos/slow', share: 10, ends: ['EXCEPTION'] },
  /** Two of a key at a time in all workers; the key is that of `limitKey`. */
  limited: { task: 'chaos/limited', share: 30, ends: ['SUCCESS'] },
  /** Not every worker knows its name. */
  rare: { task: 'chaos/rare', share: 15, ends: ['SUCCESS'] },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof KINDS;

/** The kinds that are not of the great number. */
export const ENDLESS = { task: 'chaos/endless', ends: ['STOPPED'] } as const;
export const POISON = { task: 'chaos/poison', ends: ['EXCEPTION'] } as const;

/** Those that bulk control finds by their class: they end by it alone, or after it has restarted them. */
export const BULK = {
  'bulk-stopped': { task: 'chaos/bulk-stopped', ends: ['STOPPED'] },
  /** Stopped, then restarted with another input. */
  'bulk-restarted': { task: 'chaos/bulk-restarted', ends: ['STOPPED', 'SUCCESS'] },
  'bulk-removed': { task: 'chaos/bulk-removed', ends: [] },
} as const satisfies Record<string, Omit<KindRule, 'share'>>;

export type BulkKind = keyof typeof BULK;

/** Ids of tasks that end by being removed, and in no other way. */
export const REMOVED = /^bulk-removed-/;

/** The named queues, which all workers serve; the second is paused every so often. */
export const NAMED_QUEUE = 'side';
export const BULK_QUEUE = 'bulk';

export interface PlannedTask {
  readonly id: string;
  readonly kind: Kind;
  /** From the start of the run. */
  readonly atMs: number;
  /** How long it takes, where it is of a slow kind. */
  readonly seconds: number;
}

/** Which task starts when. A pure function, as `planFaults`. */
export function planTasks(seed: number, count: number, spanMs: number): PlannedTask[] {
  const random = new Random(seed ^ 0x7a5c);
  const wheel = Object.entries(KINDS).flatMap(([kind, { share }]) => Array<Kind>(share).fill(kind as Kind));
  // One of each first, so that a short run too has them all.
  const first = random.shuffled(Object.keys(KINDS) as Kind[]);
  return Array.from({ length: count }, (_, nth) => {
    const kind = first[nth] ?? random.pick(wheel);
    const seconds = 0.1 + Math.round(random.next() * 19) / 10;
    return { id: `${kind}-${nth}`, kind, atMs: Math.floor((nth / count) * spanMs), seconds };
  });
}

export const LIMIT_OF_KEY = 2;

/** Of the id of a limited task. */
export function limitKey(id: string): string {
  return `key ${Number(/\d+$/.exec(id)?.[0]) % 3}`;
}

/** Of an id that was made here, or by a schedule. */
export function endsOf(id: string): readonly EndedState[] {
  if (id.startsWith('schedule:')) return KINDS.quick.ends;
  const name = id.replace(/-\d+$/, '');
  if (name === 'endless') return ENDLESS.ends;
  if (name === 'poison') return POISON.ends;
  const { ends } = { ...KINDS, ...BULK }[name as Kind | BulkKind];
  return ends;
}
