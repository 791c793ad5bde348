import type { BulkControlReport } from '../../src/bulk-errors';
import { TaskKeys } from '../../src/task/keys';
import type { Command } from './append-only-file';
import { bulkBreaches } from './bulk-judge';
import { BULK_MARKS, type BulkMark, readBulkLedger } from './bulk-ledger';

const keys = new TaskKeys();
const NOTHING: BulkControlReport = { looked: 9, matched: 0, done: 0, requested: 0, unchanged: 0, missing: 0 };
const A = 'bulk-stopped-1';
const B = 'bulk-stopped-2';

const write = (id: string, ...fields: string[]): Command => ['HSET', keys.task(id), ...fields];
const start = (id: string) => write(id, 'state', 'WAIT', 'created', '1');
const stop = (id: string) => write(id, 'state', 'STOPPED');
const begin = (id: string) => write(id, 'state', 'RUNNING', 'lease', 'l');
const ask = (id: string) => write(id, 'control', 'stop');
const restart = (id: string) => write(id, 'state', 'WAIT', 'lease', 'restart:1');
const remove = (id: string): Command => ['DEL', keys.task(id)];
const WANTS = { stopMany: 'open', restartMany: 'STOPPED', removeMany: 'any' } as const;

function mark(step: BulkMark['step'], call: BulkMark['call'], ids: readonly string[]): Command {
  return ['RPUSH', BULK_MARKS, JSON.stringify({ nth: 0, call, wants: WANTS[call], step } satisfies BulkMark), ...ids];
}

/** What is said of one call, of which the file has this before it and meanwhile. */
function said(
  call: BulkMark['call'],
  before: readonly Command[],
  meanwhile: readonly Command[],
  report: Partial<BulkControlReport>,
  ids = [A, B],
): string[] {
  const commands = [...before, mark('begins', call, ids), ...meanwhile, mark('done', call, ids)];
  const tries = [{ nth: 0, report: { ...NOTHING, ...report }, cutShort: false }];
  return bulkBreaches(readBulkLedger(commands, keys), tries).map(({ message }) => message);
}

describe('the verdict on bulk calls', () => {
  test('lets a call do what it has told, at once or by a worker', () => {
    const before = [start(A), start(B), begin(B)];
    expect(said('stopMany', before, [ask(B), stop(A), stop(B)], { matched: 2, done: 1, requested: 1 })).toEqual([]);
    expect(said('restartMany', [...before, stop(A)], [restart(A)], { matched: 1, done: 1 })).toEqual([]);
    const ids = ['bulk-removed-1'];
    expect(said('removeMany', ids.map(start), ids.map(remove), { matched: 1, done: 1 }, ids)).toEqual([]);
  });

  test.each([
    ['stopMany', [start(A), start(B)], [stop(A)]],
    ['stopMany', [start(A), start(B)], [begin(B), stop(A)]],
    ['restartMany', [start(A), start(B), stop(A), stop(B)], [restart(A)]],
    ['removeMany', [start(A), start(B), stop(B)], [remove(A)]],
  ] as const)('finds a task that a call of %s missed', (call, before, meanwhile) => {
    expect(said(call, before, meanwhile, { matched: 2, done: 1, unchanged: 1 })).toEqual([
      `${call} (bulk call 0) missed ${B}`,
    ]);
  });

  test('finds a match that is not counted, one that is counted twice, and what is told and was not done', () => {
    const both = [stop(A), stop(B)];
    const told = (report: Partial<BulkControlReport>) => said('stopMany', [start(A), start(B)], both, report);
    expect(told({ matched: 1, done: 1 })).toEqual(['stopMany (bulk call 0) told matched 1, by the file 2 to 2']);
    expect(told({ matched: 3, done: 2, unchanged: 1 })).toEqual([
      'stopMany (bulk call 0) told matched 3, by the file 2 to 2',
    ]);
    expect(told({ matched: 2, done: 1, requested: 1 })).toEqual([
      'stopMany (bulk call 0) told requested 1, by the file 0 to 0',
    ]);
    expect(told({ matched: 2, done: 1, missing: 1 })).toEqual([
      'stopMany (bulk call 0) told missing 1, by the file 0 to 0',
    ]);
  });

  test('lets a lost reply be, of a call and of a try before it', () => {
    const before = [start(A), start(B), begin(B), mark('begins', 'stopMany', [A, B]), stop(A), ask(B)];
    expect(said('stopMany', before, [stop(B)], {})).toEqual([]);
    expect(said('stopMany', [start(A)], [stop(A)], { matched: 1, unchanged: 1 })).toEqual([]);
  });

  test('finds a report that does not add up', () => {
    const report = { ...NOTHING, matched: 2, done: 1 };
    const ledger = readBulkLedger([], keys);
    expect(bulkBreaches(ledger, [{ nth: 0, report, cutShort: true }])).toEqual([]);
    for (const wrong of [{ done: 3 }, { looked: 1 }]) {
      const tries = [{ nth: 0, report: { ...report, ...wrong }, cutShort: true }];
      expect(bulkBreaches(ledger, tries)).toMatchObject([{ message: expect.stringContaining('does not add up') }]);
    }
  });

  test('finds a call without a mark, and a task that is gone before anybody wanted it', () => {
    const id = 'bulk-removed-1';
    expect(said('removeMany', [start(id), remove(id)], [], {}, [id])).toEqual([
      `${id} was removed before anybody asked for it`,
    ]);
    const unmarked = bulkBreaches(readBulkLedger([], keys), [{ nth: 0, report: NOTHING, cutShort: false }]);
    expect(unmarked).toMatchObject([{ message: 'bulk call 0 left no mark in the append-only file' }]);
  });
});
