import { DEFAULT_PRIORITY, PRIORITY_STEP_MS } from '../../src/task/priority';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask } from './bench';

export function describePriority(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  /** One after the other, so that an order that depends on the batch shows. */
  async function takeAll(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const taken = (await bench().take({ limit: 1 })).ids;
      if (taken.length === 0) return ids;
      ids.push(...taken);
    }
  }

  test('the more urgent are taken first, those of plain producers in the middle', async () => {
    await bench().enqueueForeign('plain');
    for (const priority of [9, 7, 5, 3, 0]) await bench().enqueue(`p${priority}`, { priority });
    const order = ['p0', 'p3', 'plain', 'p5', 'p7', 'p9'];
    expect(await bench().reader.waiting(10)).toEqual(order);
    expect((await bench().take({ limit: 4 })).ids).toEqual(order.slice(0, 4));
    expect(await takeAll()).toEqual(order.slice(4));
  });

  test('those of one priority are taken in their order', async () => {
    for (const id of ['c', 'a', 'b']) await bench().enqueue(id, { priority: 2 });
    expect(await takeAll()).toEqual(['c', 'a', 'b']);
  });

  test('those that are enqueued together are taken in their order, now and when they are due', async () => {
    const ids = ['c', 'a', 'd', 'b'];
    await bench().store.enqueue(ids.map((id) => newTask(id, { priority: 3 })));
    expect(await takeAll()).toEqual(ids);
    const later = ids.map((id) => `${id}-later`);
    await bench().store.enqueue(later.map((id) => newTask(id, { priority: 3, due: { atMs: 1_000 } })));
    await eventually(async () => {
      await bench().take({ limit: 0 });
      expect(await bench().reader.counts()).toMatchObject({ waiting: 4, delayed: 0 });
    });
    expect(await takeAll()).toEqual(later);
  });

  test('a level is worth a minute of waiting: who has waited longer is not overtaken', async () => {
    await bench().enqueue('old');
    await bench().enqueue('urgent', { priority: DEFAULT_PRIORITY - 2 });
    const created = Date.now() - 3 * PRIORITY_STEP_MS;
    await bench().raw.hset(bench().keys.task('old'), { created: String(created) });
    // The first take sees that some wait by their priority, and looks how long the head of the list does.
    expect((await bench().take({ limit: 0 })).ids).toEqual([]);
    expect(await takeAll()).toEqual(['old', 'urgent']);
  });

  test.each(['restarted', 'due by now'] as const)('one %s waits since then, however old it is', async (how) => {
    const ago = String(Date.now() - 10 * PRIORITY_STEP_MS);
    if (how === 'restarted') {
      await bench().end('old');
      await bench().raw.hset(bench().keys.task('old'), { created: ago });
      await bench().store.restart('old');
    } else {
      await bench().enqueue('old', { due: { inMs: 1 } });
      await bench().raw.hset(bench().keys.task('old'), { created: ago });
      await eventually(async () => {
        await bench().take({ limit: 0 });
        expect(await bench().queue()).toEqual(['old']);
      });
    }
    await bench().enqueue('urgent', { priority: DEFAULT_PRIORITY - 1 });
    expect((await bench().take({ limit: 0 })).ids).toEqual([]);
    expect(await takeAll()).toEqual(['urgent', 'old']);
  });

  test('is told by the record, and counted as waiting', async () => {
    await bench().enqueue('a', { priority: 1 });
    expect(await bench().reader.get(['a'])).toMatchObject([{ priority: 1, state: 'WAIT' }]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 1 });
    expect((await bench().reader.queues())[0]).toMatchObject({ waiting: 1 });
    expect((await bench().reader.queues())[0]?.oldestMs).toEqual((await bench().reader.get(['a']))[0]?.createdMs);
  });

  test('a task that is due later has its priority then', async () => {
    await bench().enqueue('low', { priority: 9, due: { inMs: 1 } });
    await bench().enqueue('high', { priority: 0, due: { inMs: 1 } });
    await bench().enqueue('plain');
    await eventually(async () => {
      // A take moves what is due once it has popped its own.
      await bench().take({ limit: 0 });
      expect(await bench().reader.counts()).toMatchObject({ waiting: 3, delayed: 0 });
    });
    expect(await takeAll()).toEqual(['high', 'plain', 'low']);
  });

  test.each(['stop', 'remove'] as const)('a waiting task can be told to %s, and be enqueued anew', async (how) => {
    await bench().enqueue('a', { priority: 1 });
    expect(await (how === 'stop' ? bench().store.requestStop('a') : bench().store.remove('a'))).toBe('done');
    expect(await bench().enqueue('a', { priority: 1 })).toBe(true);
    const run = await bench().beginNext();
    expect(run.lease.id).toBe('a');
    expect(await takeAll()).toEqual([]);
  });

  test.each([
    ['requestStop', 'requestStop'],
    ['requestStop', 'remove'],
    ['remove', 'remove'],
  ] as const)('told to %s and to %s at once, it leaves no place to be skipped behind', async (...hows) => {
    for (let nth = 0; nth < 20; nth++) {
      await bench().enqueue('a', { priority: 1 });
      await Promise.all(hows.map((how) => bench().store[how]('a')));
      expect(await bench().hash('a')).not.toHaveProperty('skip');
      await bench().store.remove('a');
    }
    await bench().enqueue('a', { priority: 1 });
    expect((await bench().beginNext()).lease.id).toBe('a');
  });

  test('a restarted task has it still, and one that is put back comes first', async () => {
    await bench().end('a', 'SUCCESS', { priority: 9 });
    await bench().enqueue('plain');
    expect(await bench().store.restart('a')).toBe('done');
    expect((await bench().take({ limit: 1 })).ids).toEqual(['plain']);
    const { lease } = await bench().beginNext();
    expect(lease.id).toBe('a');
    await bench().store.requeue([lease]);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a task is told once: it has one place', async () => {
    await bench().enqueue('a', { priority: 1 });
    expect(await bench().enqueue('a', { priority: 2 })).toBe(false);
    expect(await bench().store.reschedule('a', { inMs: LONG_MS })).toBe('unchanged');
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await takeAll()).toEqual(['a']);
  });
}
