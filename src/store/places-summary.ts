import type { KeyFacts, Place, PlacesView } from './places';
import { problemsOf } from './problems-of';

/**
 * The places of an id in 12 bits, as far as the rules ask: how many times it is queued and to be cleaned up, and whether it is among the
 * active, the leases and the firings. Two more bits say what is suspicious already.
 */
export type PlacesSummary = number;

const MOST_QUEUED = 15;
const MOST_ENDED = 3;
const ENDED_UNIT = 1 << 4;
const ACTIVE = 1 << 6;
const LEASES = 1 << 7;
const LEASE_LATE = 1 << 8;
const FIRING = 1 << 9;
const INBOX_ODD = 1 << 10;
/** For who keeps summaries: the hash of the id was met. */
export const MET = 1 << 11;

export interface Standing {
  readonly place: Place;
  /** The lease, or the time of the inbox's worker, is over by more than may be. */
  readonly isLate: boolean;
}

/** The summary with one place more. What is counted stays at its most: that is suspicious whatever the truth is. */
export function withPlace(summary: PlacesSummary, { place, isLate }: Standing): PlacesSummary {
  if (place === 'active') return summary | ACTIVE;
  if (place === 'leases') return summary | LEASES | (isLate ? LEASE_LATE : 0);
  if (place === 'firing') return summary | FIRING;
  const odd = isLate ? INBOX_ODD : 0;
  if (place.startsWith('end-')) return (endedOf(summary) < MOST_ENDED ? summary + ENDED_UNIT : summary) | odd;
  return (queuedOf(summary) < MOST_QUEUED ? summary + 1 : summary) | odd;
}

/** Stands for no key. */
const NO_KEY: Partial<KeyFacts> = {};

/** Judges summaries by `problemsOf` itself; of the same facts each one once, as there are few. */
export class Suspicion {
  private readonly known = new WeakMap<Partial<KeyFacts>, Map<PlacesSummary, boolean>>();

  constructor(private readonly view: Pick<PlacesView, 'keys' | 'overdueMs'>) {}

  /** Whether an id whose key and places look like this has to be looked at exactly. */
  isSuspect(key: KeyFacts | undefined, summary: PlacesSummary): boolean {
    if (summary & INBOX_ODD || queuedOf(summary) === MOST_QUEUED) return true;
    const answers = this.answersOf(key ?? NO_KEY);
    const bare = summary & ~MET;
    const known = answers.get(bare);
    if (known !== undefined) return known;
    const answer = this.judge(key, bare);
    answers.set(bare, answer);
    return answer;
  }

  private answersOf(key: Partial<KeyFacts>): Map<PlacesSummary, boolean> {
    const known = this.known.get(key);
    if (known) return known;
    const answers = new Map<PlacesSummary, boolean>();
    this.known.set(key, answers);
    return answers;
  }

  private judge(key: KeyFacts | undefined, summary: PlacesSummary): boolean {
    const isLate = (summary & LEASE_LATE) !== 0;
    const leaseEndsMs = new Map(isLate ? [['', Number.NEGATIVE_INFINITY]] : []);
    const view = { ...this.view, nowMs: 0, leaseEndsMs, inboxEndsMs: new Map() };
    return problemsOf({ id: '', key, places: placesOf(summary) }, view).length > 0;
  }
}

function queuedOf(summary: PlacesSummary): number {
  return summary & MOST_QUEUED;
}

function endedOf(summary: PlacesSummary): number {
  return (summary >> 4) & MOST_ENDED;
}

/** Places that mean the same to the rules. */
function placesOf(summary: PlacesSummary): Place[] {
  return [
    ...Array<Place>(queuedOf(summary)).fill('new-queue'),
    ...Array<Place>(endedOf(summary)).fill('end-queue'),
    ...(summary & ACTIVE ? (['active'] as const) : []),
    ...(summary & LEASES ? (['leases'] as const) : []),
    ...(summary & FIRING ? (['firing'] as const) : []),
  ];
}
