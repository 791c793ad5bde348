import type { TaskQuery } from '../../src/store/task-query';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask } from './bench';

const HOUR_MS = 3_600_000;

/** What a search through all tasks must tell. */
export function describeFind(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function find(query: TaskQuery = {}): Promise<string[]> {
    const found: string[] = [];
    for await (const { ids } of bench().reader.find(query)) found.push(...ids);
    return found.sort();
  }

  const aged = (id: string, ageMs: number) =>
    bench().raw.hset(bench().keys.task(id), { created: String(Date.now() - ageMs) });

  test('where nothing is, nothing is found', async () => {
    expect(await find()).toEqual([]);
  });

  test('tasks are found in whatever state and place they are', async () => {
    await bench().begin('runs');
    await bench().end('ended');
    await bench().end('kept', 'ERROR', { cleanup: false });
    await bench().enqueue('later', { due: { inMs: LONG_MS } });
    await bench().enqueue('stopped');
    await bench().store.requestStop('stopped');
    await bench().enqueueForeign('foreign');
    await bench().enqueue('waits');
    expect(await find()).toEqual(['ended', 'foreign', 'kept', 'later', 'runs', 'stopped', 'waits']);
    expect(await find({ states: ['WAIT'] })).toEqual(['foreign', 'later', 'waits']);
    expect(await find({ states: ['ERROR', 'RUNNING'] })).toEqual(['kept', 'runs']);
  });

  test('by the name', async () => {
    for (const name of ['mow', 'sow', 'reap']) await bench().enqueue(name, { name });
    await bench().raw.hset(bench().keys.task('nameless'), { state: 'WAIT' });
    expect(await find({ names: ['mow', 'reap'] })).toEqual(['mow', 'reap']);
    expect(await find({ names: ['mow'], states: ['SUCCESS'] })).toEqual([]);
  });

  test('by the queue, whether they wait in it or have left it', async () => {
    await bench().enqueue('plain');
    await bench().enqueue('letter', { queue: 'mail' });
    await bench().enqueue('later', { queue: 'mail', due: { inMs: LONG_MS } });
    await bench().enqueue('stopped', { queue: 'mail' });
    await bench().store.requestStop('stopped');
    expect(await find({ queues: ['mail'] })).toEqual(['later', 'letter', 'stopped']);
    expect(await find({ queues: ['default', 'mail'], states: ['WAIT'] })).toEqual(['later', 'letter', 'plain']);
    expect(await find({ queues: ['default'] })).toEqual(['plain']);
  });

  test('by the queue that they belong to', async () => {
    await bench().enqueue('plain');
    await bench().enqueueForeign('foreign');
    for (const queue of ['mail', 'slow']) await bench().enqueue(queue, { queue });
    expect(await find({ queues: ['mail'] })).toEqual(['mail']);
    expect(await find({ queues: ['default', 'slow'] })).toEqual(['foreign', 'plain', 'slow']);
  });

  test('by the age, which a task has only where somebody wrote when it was created', async () => {
    await bench().enqueue('new');
    await bench().enqueue('old');
    await aged('old', 2 * HOUR_MS);
    await bench().enqueueForeign('ageless');
    await bench().enqueueForeign('nonsense', { created: 'yesterday' });
    expect(await find({ olderThanMs: HOUR_MS })).toEqual(['old']);
    expect(await find({ youngerThanMs: HOUR_MS })).toEqual(['new']);
    expect(await find({ olderThanMs: HOUR_MS, youngerThanMs: 3 * HOUR_MS })).toEqual(['old']);
  });

  test('local tasks only where they are asked for', async () => {
    await bench().enqueue('a');
    await bench().store.openLocal('w1', newTask('local'), LONG_MS);
    expect(await find()).toEqual(['a']);
    expect(await find({ local: true })).toEqual(['local']);
  });

  test('what is left of a removed task is none', async () => {
    await bench().enqueue('removed');
    await bench().store.remove('removed');
    expect(await bench().hash('removed')).toEqual({ skip: '1' });
    await bench().enqueue('a');
    expect(await find()).toEqual(['a']);
  });

  test('a task whose retention has passed is not found', async () => {
    await bench().end('a');
    await bench().settleEnded(['a'], 1);
    await eventually(async () => expect(await find()).toEqual([]));
  });

  test('many are found in steps, each once, and those that came or went meanwhile do no harm', async () => {
    const ids = Array.from({ length: 3_500 }, (_, n) => `id-${n}`).sort();
    await bench().store.enqueue(ids.map((id) => newTask(id)));
    const found: string[] = [];
    let looked = 0;
    let steps = 0;
    for await (const step of bench().reader.find({})) {
      found.push(...step.ids);
      looked += step.looked;
      steps += 1;
      await bench().enqueue(`new-${steps}`);
      await bench().store.remove(step.ids[0] as string);
    }
    expect(steps).toBeGreaterThan(2);
    expect(looked).toBeGreaterThanOrEqual(ids.length);
    expect(found.filter((id) => id.startsWith('id-')).sort()).toEqual(ids);
  });
}
