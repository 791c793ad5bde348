import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask } from './bench';
import { describeFind } from './find.contract';
import { describeWorkers } from './workers.contract';

/** What every reader must tell; the store of the same backend makes what there is to read. */
export function describeTaskReader(name: string, makeBackend: MakeBackend): void {
  describe(`${name}: reader`, () => {
    describe('get', () => describeGet(makeBackend));
    describe('lists and counts', () => describeLists(makeBackend));
    describe('find', () => describeFind(makeBackend));
    describe('workers', () => describeWorkers(makeBackend));
  });
}

function describeGet(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a ping is answered, and changes nothing', async () => {
    await bench().enqueue('a');
    await bench().reader.ping();
    expect(await bench().queue()).toEqual(['a']);
  });

  test('records come in the order of the ids, with a gap for each that does not exist', async () => {
    await bench().store.enqueue([newTask('a'), newTask('b')]);
    const records = await bench().reader.get(['b', 'missing', 'a', 'b']);
    expect(records.map((record) => record?.id)).toEqual(['b', undefined, 'a', 'b']);
  });

  test('no id asked for, no record', async () => {
    expect(await bench().reader.get([])).toEqual([]);
  });

  test('a waiting task is told as it was enqueued', async () => {
    await bench().enqueue('a', { data: '{"n":1}', cleanup: false });
    expect(await bench().reader.get(['a'])).toEqual([
      {
        id: 'a',
        name: 'probe',
        data: '{"n":1}',
        state: 'WAIT',
        output: undefined,
        cleanup: false,
        local: false,
        attempt: 0,
        worker: undefined,
        dueMs: undefined,
        queue: 'default',
        priority: 5,
        deadlineMs: undefined,
        failures: 0,
        errors: [],
        progress: undefined,
        lastUpdateSeconds: undefined,
        createdMs: expect.any(Number),
        startedMs: undefined,
        endedMs: undefined,
      },
    ]);
  });

  test('an ended task is told with its output and its times', async () => {
    await bench().end('a', 'EXCEPTION');
    expect(await bench().reader.get(['a'])).toMatchObject([
      {
        state: 'EXCEPTION',
        output: '"EXCEPTION"',
        attempt: 1,
        worker: 'w1',
        lastUpdateSeconds: expect.any(Number),
        startedMs: expect.any(Number),
        endedMs: expect.any(Number),
      },
    ]);
  });

  test('a hash that a foreign producer wrote is a task', async () => {
    await bench().enqueueForeign('a');
    expect(await bench().reader.get(['a'])).toMatchObject([{ name: 'probe', state: 'WAIT', createdMs: undefined }]);
  });

  test('of a task whose retention has passed nothing is told', async () => {
    await bench().end('a');
    await bench().settleEnded(['a'], 1);
    await eventually(async () => expect(await bench().reader.get(['a'])).toEqual([undefined]));
  });
}

function describeLists(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function activeIds(): Promise<string[]> {
    const ids: string[] = [];
    for await (const id of bench().reader.active()) ids.push(id);
    return ids.sort();
  }

  test('where nothing is, nothing is counted', async () => {
    expect(await bench().reader.counts()).toEqual({ waiting: 0, delayed: 0, active: 0, ended: 0 });
    expect(await bench().reader.waiting(10)).toEqual([]);
    expect(await bench().reader.ended(10)).toEqual([]);
    expect(await activeIds()).toEqual([]);
  });

  test('every place is counted for itself', async () => {
    await bench().end('ended');
    await bench().begin('runs-1');
    await bench().begin('runs-2');
    await bench().enqueue('handed-back', { name: 'unknown-here' });
    await bench().take();
    await bench().openOne('handed-back', { unknownTaskTimeoutMs: LONG_MS });
    await bench().store.enqueue(['w-1', 'w-2', 'w-3'].map((id) => newTask(id)));
    const counts = { waiting: 3, delayed: 1, active: 2, ended: 1 };
    expect(await bench().reader.counts()).toEqual(counts);
    const queues = await bench().reader.queues();
    expect(await bench().reader.counts(queues)).toEqual(counts);
    expect(await bench().reader.counts(queues.slice(1))).toEqual({ ...counts, waiting: 0, delayed: 0 });
  });

  test('waiting ids are told in the order in which they will be taken', async () => {
    await bench().store.enqueue(['a', 'b', 'c'].map((id) => newTask(id)));
    expect(await bench().reader.waiting(2)).toEqual(['a', 'b']);
    expect(await bench().reader.waiting(10)).toEqual(['a', 'b', 'c']);
    expect(await bench().reader.waiting(0)).toEqual([]);
  });

  test('ended ids are told oldest first', async () => {
    for (const id of ['a', 'b', 'c']) await bench().end(id);
    expect(await bench().reader.ended(2)).toEqual(['a', 'b']);
  });

  test('to look takes nothing away', async () => {
    await bench().enqueue('a');
    await bench().reader.waiting(10);
    expect(await bench().take()).toMatchObject({ ids: ['a'] });
  });

  test('running, stopped and kept tasks are active', async () => {
    await bench().begin('runs');
    await bench().end('kept', 'SUCCESS', { cleanup: false });
    await bench().end('cleaned-up');
    await bench().enqueue('stopped');
    await bench().store.requestStop('stopped');
    expect(await activeIds()).toEqual(['kept', 'runs', 'stopped']);
  });

  test('a long set is told completely', async () => {
    const ids = Array.from({ length: 2_500 }, (_, n) => `id-${n}`).sort();
    await bench().raw.sadd(bench().keys.taskSet, ...ids);
    expect(await activeIds()).toEqual(ids);
  });
}
