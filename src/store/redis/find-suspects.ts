import { type Standing, Suspicion } from '../places-summary';
import { PlacesTable } from '../places-table';
import type { LookAt } from './exact-look';
import { type PlacesStep, readPlaces } from './read-places';
import { TaskKeyReader } from './read-task-keys';
import type { RedisConnection } from './redis-connection';
import { redisNowMs } from './redis-now-ms';

/** So many ids in places are kept in mind at once, about 40 MB: where there are more, everything is read once for each share of them. */
export const IDS_A_SHARE = 2_000_000;

/** What one step of the search has met. */
export interface SuspectsStep {
  /** How many ids it has met that no step before has. */
  readonly ids: number;
  /** Ids that look wrong; what is on its way does as well. */
  readonly suspects: readonly string[];
}

/**
 * Looks at every id, in memory that is bounded: first all places, of which a summary of each id is kept, then all hashes, and at last the ids
 * whose hash was not met. A key that a scan tells twice is counted twice if it stands in no place.
 */
export async function* findSuspects(
  redis: RedisConnection,
  at: LookAt,
  idsAShare = IDS_A_SHARE,
): AsyncIterable<SuspectsStep> {
  const shares = Math.max(1, Math.ceil((await countStanding(redis, at)) / idsAShare));
  for (let share = 0; share < shares; share += 1) {
    const isOurs = shares === 1 ? () => true : (id: string) => sum(id) % shares === share;
    yield* suspectsOf(redis, at, isOurs);
  }
}

async function* suspectsOf(
  redis: RedisConnection,
  { keys, places, overdueMs }: LookAt,
  isOurs: (id: string) => boolean,
): AsyncIterable<SuspectsStep> {
  const nowMs = await redisNowMs(redis);
  const suspicion = new Suspicion({ keys, overdueMs });
  const table = new PlacesTable(nowMs);
  for await (const step of readPlaces(redis, keys, places)) note(step, { table, latestMs: nowMs - overdueMs, isOurs });
  for await (const step of new TaskKeyReader(redis, keys).all(isOurs)) {
    let ids = 0;
    const suspects: string[] = [];
    for (const [id, key] of step) {
      const summary = table.meet(id);
      if (summary === undefined) continue;
      ids += 1;
      if (suspicion.isSuspect(key, summary)) suspects.push(id);
    }
    yield { ids, suspects };
  }
  if (table.met === table.size) return;
  // A hash that was made during the scan may not have been met, and of some there is none.
  for await (const { ids } of readPlaces(redis, keys, places)) {
    const unmet = ids.filter((id) => isOurs(id) && (table.meet(id) ?? 0) > 0);
    if (unmet.length > 0) yield { ids: unmet.length, suspects: unmet };
  }
}

interface NoteIn {
  readonly table: PlacesTable;
  /** What ends before is too late. */
  readonly latestMs: number;
  readonly isOurs: (id: string) => boolean;
}

function note({ place, ids, endsMs }: PlacesStep, { table, latestMs, isOurs }: NoteIn): void {
  const isInbox = place.includes('inbox');
  const inbox: Standing = { place, isLate: isInbox && (endsMs === undefined || (endsMs[0] as number) < latestMs) };
  const late: Standing = { place, isLate: true };
  ids.forEach((id, position) => {
    if (!isOurs(id)) return;
    const isLate = place === 'leases' && (endsMs?.[position] as number) < latestMs;
    table.add(id, isLate ? late : inbox);
  });
}

/** How many ids stand in queues and sets, those in two of them twice. */
async function countStanding(redis: RedisConnection, { keys, places }: LookAt): Promise<number> {
  const lists = [...places.queues.map((name) => keys.queue(name)), keys.endQueue];
  const sets = places.queues.flatMap((name) => [keys.delayed(keys.queue(name)), keys.prioritized(keys.queue(name))]);
  const sizes = await redis.call((client) =>
    Promise.all([
      ...lists.map((key) => client.llen(key)),
      ...[...sets, keys.leases].map((key) => client.zcard(key)),
      client.scard(keys.taskSet),
    ]),
  );
  return sizes.reduce((total, size) => total + size, 0);
}

/** Spreads ids over shares. */
function sum(id: string): number {
  let total = 0;
  for (let place = 0; place < id.length; place += 1) total = (Math.imul(total, 31) + id.charCodeAt(place)) >>> 0;
  return total;
}
