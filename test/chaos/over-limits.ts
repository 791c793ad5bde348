import type { Breach } from './judge';
import { LIMIT_OF_KEY, limitKey } from './kinds';
import type { TimelineEntry } from './timeline';

/**
 * Runs of limited tasks beyond what their key allows, from the append-only file.
 *
 * A run counts from the write that began it to the one that ended it, put it back or had another take it over: so the code of a worker
 * that has lost its lease does not count, and that of a killed one counts until a monitor has found it. A place is got before the first
 * of these writes and freed after the last, so there is no false alarm. Exact to the millisecond: what ends and what begins within the
 * same one is taken to be in that order.
 */
export function overLimits(timelines: ReadonlyMap<string, readonly TimelineEntry[]>): Breach[] {
  const entries = [...timelines]
    .filter(([id]) => id.startsWith('limited-'))
    .flatMap(([id, some]) => some.map(({ what, atMs }) => ({ id, begins: what === 'begun', what, atMs })))
    .sort((one, other) => one.atMs - other.atMs || Number(one.begins) - Number(other.begins));
  const running = new Map<string, Set<string>>();
  const breaches: Breach[] = [];
  for (const { id, begins, what, atMs } of entries) {
    const key = limitKey(id);
    const ids = running.get(key) ?? new Set();
    running.set(key, ids);
    if (begins) ids.add(id);
    else if (what !== 'reloaded') ids.delete(id);
    if (!begins || ids.size <= LIMIT_OF_KEY) continue;
    breaches.push({ kind: 'limit', id, message: `${id} ran beside ${[...ids].join(', ')} at ${atMs}` });
  }
  return breaches;
}
