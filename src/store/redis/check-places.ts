import { type Clock, sleep } from '../../clock';
import type { TaskKeys } from '../../task/keys';
import type { Finding, PlaceProblem, PlacesReport } from '../places';
import { type LookAt, lookExactly } from './exact-look';
import { findSuspects, IDS_A_SHARE } from './find-suspects';
import { readInboxNames } from './inbox-names';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';

const OVERDUE_MS = 60_000;
/** So many findings are told. */
const MOST_TOLD = 1_000;
/** So many are looked at again; more of them are counted as they are seen. */
const MOST_LOOKED_AT_AGAIN = 20_000;
/** So many suspects are collected before all places are read once more for them. */
const SUSPECTS_A_LOOK = 50_000;

export interface CheckPlacesOptions {
  /** How long after its time a lapsed lease or a dead worker's inbox may wait for the monitor. Default a minute. */
  readonly overdueMs?: number;
  /**
   * For a Redis that is in use: what is on the way while it is looked at counts for nothing. Looks again every
   * `intervalMs`, for `longestMs` at most, and reports what every look found; ends as soon as nothing is left.
   */
  readonly settle?: { readonly clock: Clock; readonly intervalMs: number; readonly longestMs: number };
  /** How many findings are told; default 1,000. The rest is counted. */
  readonly limit?: number;
  /** For tests: how many ids in places are kept in mind at once. */
  readonly idsAShare?: number;
}

/**
 * Looks whether every id is in exactly the places its state allows. Reads everything and changes nothing; never blocks
 * Redis for long, and takes bounded memory.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} A queue or set has another type, or a right is missing.
 */
export async function checkPlaces(
  redis: RedisConnection,
  keys: TaskKeys,
  { overdueMs = OVERDUE_MS, settle, limit = MOST_TOLD, idsAShare = IDS_A_SHARE }: CheckPlacesOptions = {},
): Promise<PlacesReport> {
  const at = await whereToLook(redis, keys, overdueMs);
  const found = new Found(Math.max(limit, MOST_LOOKED_AT_AGAIN));
  let ids = 0;
  let suspects = new Set<string>();
  const look = async () => {
    if (suspects.size > 0) found.add(await lookExactly(redis, at, suspects));
    suspects = new Set();
  };
  for await (const step of findSuspects(redis, at, idsAShare)) {
    ids += step.ids;
    for (const id of step.suspects) suspects.add(id);
    if (suspects.size >= SUSPECTS_A_LOOK) await look();
  }
  await look();
  if (settle) await settled(redis, at, found, settle);
  return report(ids, found, limit);
}

/** The queues, and the inboxes beside them. */
export async function whereToLook(redis: RedisConnection, keys: TaskKeys, overdueMs: number): Promise<LookAt> {
  const queues = await new QueueNames(redis, keys).list();
  const lists = [...queues.map((name) => keys.queue(name)), keys.endQueue];
  return { keys, places: { queues, inboxes: await readInboxNames(redis, keys, lists) }, overdueMs };
}

/** Keeps of what was found what every further look finds as well. */
async function settled(
  redis: RedisConnection,
  at: LookAt,
  found: Found,
  { clock, intervalMs, longestMs }: NonNullable<CheckPlacesOptions['settle']>,
): Promise<void> {
  const endsMs = clock.monotonicMs() + longestMs;
  for (let looks = 1; found.kept.size > 0 && (looks < 2 || clock.monotonicMs() < endsMs); looks += 1) {
    await sleep(clock, intervalMs);
    const ids = new Set([...found.kept.values()].map(({ id }) => id));
    found.keepOnly(await lookExactly(redis, at, ids));
  }
}

/** Findings by their names, in bounded number. */
class Found {
  kept = new Map<string, Finding>();
  /** Of those that are not kept. */
  readonly beyond: Partial<Record<PlaceProblem, number>> = {};

  constructor(private readonly most: number) {}

  add(findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (this.kept.size < this.most) this.kept.set(nameOf(finding), finding);
      else if (!this.kept.has(nameOf(finding))) count(this.beyond, finding);
    }
  }

  keepOnly(again: readonly Finding[]): void {
    const both = again.filter((finding) => this.kept.has(nameOf(finding)));
    this.kept = new Map(both.map((finding) => [nameOf(finding), finding]));
  }
}

function report(ids: number, { kept, beyond }: Found, limit: number): PlacesReport {
  const all = [...kept.values()];
  const untold = { ...beyond };
  for (const finding of all.slice(limit)) count(untold, finding);
  return { ids, findings: all.slice(0, limit), ...(Object.keys(untold).length > 0 && { untold }) };
}

function count(counts: Partial<Record<PlaceProblem, number>>, { problem }: Finding): void {
  counts[problem] = (counts[problem] ?? 0) + 1;
}

function nameOf({ id, problem }: Finding): string {
  return `${problem} ${id}`;
}
