import type { BulkTry } from './bulk-calls';
import type { BulkLedger, BulkWindow } from './bulk-ledger';
import type { Breach } from './judge';

/**
 * Holds what bulk calls have told to what Redis has written between their begin and their end.
 *
 * No task is missed that matched all the while, none is counted twice, and nothing is told to be done that is not written. The other
 * way round, more may have been written than is told: a reply that is lost is asked for again, and then it is `unchanged` or `missing`.
 */
export function bulkBreaches({ windows, early }: BulkLedger, tries: readonly BulkTry[]): Breach[] {
  const breaches = tries.flatMap(sumsOf);
  for (const id of early) breaches.push({ kind: 'bulk', id, message: `${id} was removed before anybody asked for it` });
  for (const { nth, report, cutShort } of tries) {
    if (cutShort) continue;
    const window = windows.find((one) => one.nth === nth);
    if (window) breaches.push(...missedBy(window), ...lies(window, report));
    else breaches.push({ kind: 'bulk', message: `bulk call ${nth} left no mark in the append-only file` });
  }
  return breaches;
}

/** Each that matched is in one of the other counts; where the call ended early, or in none. */
function sumsOf({ nth, report, cutShort }: BulkTry): Breach[] {
  const { looked, matched, done, requested, unchanged, missing } = report;
  const known = done + requested + unchanged + missing;
  if (looked >= matched && (cutShort ? known <= matched : known === matched)) return [];
  return [{ kind: 'bulk', message: `the report of bulk call ${nth} does not add up: ${JSON.stringify(report)}` }];
}

function missedBy({ nth, call, missed }: BulkWindow): Breach[] {
  return missed.map((id) => ({ kind: 'bulk', id, message: `${call} (bulk call ${nth}) missed ${id}` }));
}

function lies(window: BulkWindow, report: BulkTry['report']): Breach[] {
  const bounds: readonly (readonly [count: keyof BulkTry['report'], least: number, most: number])[] = [
    ['matched', window.sure.length, window.possible],
    ['done', 0, window.done],
    ['requested', 0, window.asked],
    ['missing', 0, window.gone],
  ];
  return bounds.flatMap(([name, least, most]): Breach[] => {
    const count = report[name];
    if (count >= least && count <= most) return [];
    const message = `${window.call} (bulk call ${window.nth}) told ${name} ${count}, by the file ${least} to ${most}`;
    return [{ kind: 'bulk', message }];
  });
}
