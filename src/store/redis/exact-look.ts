import type { TaskKeys } from '../../task/keys';
import type { Finding, Place, PlacesView } from '../places';
import { problemsOf } from '../problems-of';
import { chunks } from './chunks';
import { type PlacesOf, readPlaces } from './read-places';
import { TaskKeyReader } from './read-task-keys';
import type { RedisConnection } from './redis-connection';
import { redisNowMs } from './redis-now-ms';

const IDS_A_STEP = 500;
/** A set holds an id once, though a scan of it may tell it twice. */
const OF_A_SET = /^(firing|delayed|prioritized|active|leases)/s;

/** Where to look, and what counts as too late. */
export interface LookAt {
  readonly keys: TaskKeys;
  readonly places: PlacesOf;
  readonly overdueMs: number;
}

/** What is wrong with these ids, by the ids themselves: reads every place, and the keys of these. */
export async function lookExactly(
  redis: RedisConnection,
  { keys, places, overdueMs }: LookAt,
  ids: ReadonlySet<string>,
): Promise<Finding[]> {
  const placesById = new Map<string, Place[]>();
  const leaseEndsMs = new Map<string, number>();
  const inboxEndsMs = new Map<Place, number>();
  for await (const { place, ids: some, endsMs } of readPlaces(redis, keys, places)) {
    const isInbox = place.includes('inbox');
    if (isInbox && endsMs) inboxEndsMs.set(place, endsMs[0] as number);
    for (const [position, id] of some.entries()) {
      if (!ids.has(id)) continue;
      if (place === 'leases') leaseEndsMs.set(id, endsMs?.[position] as number);
      const found = placesById.get(id);
      if (!found) placesById.set(id, [place]);
      else if (!OF_A_SET.test(place) || !found.includes(place)) found.push(place);
    }
  }
  const view: PlacesView = { keys, nowMs: await redisNowMs(redis), overdueMs, leaseEndsMs, inboxEndsMs };
  const reader = new TaskKeyReader(redis, keys);
  const findings: Finding[] = [];
  for (const step of chunks([...ids], IDS_A_STEP)) {
    const facts = await reader.of(step);
    for (const [position, id] of step.entries()) {
      const key = facts[position];
      const at = placesById.get(id) ?? [];
      const state = key?.kind === 'task' ? key.state : undefined;
      for (const problem of problemsOf({ id, key, places: at }, view))
        findings.push({ id, state, places: at, ...problem });
    }
  }
  return findings;
}
