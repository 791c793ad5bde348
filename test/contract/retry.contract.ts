import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, outcome } from './bench';

const RETRY = { delayMs: LONG_MS, error: 'no luck', event: '{"event":"retry","data":{"failures":1}}' };

export function describeRetry(makeBackend: MakeBackend): void {
  describe('retry', () => describeRetried(makeBackend));
}

function describeRetried(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a failed run is followed by another one, once its delay is over', async () => {
    const { lease } = await bench().begin('a');
    expect(await bench().store.retry(lease, { ...RETRY, delayMs: 50 })).toBe('requeued');
    expect(await bench().takeLater()).toBe('a');
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run', attempt: 2, failures: 1 });
  });

  test('while it waits it tells when it is due, how often it failed, and why', async () => {
    const { lease } = await bench().begin('a');
    const beforeMs = Date.now();
    await bench().store.retry(lease, RETRY);
    const [record] = await bench().reader.get(['a']);
    expect(record).toMatchObject({ state: 'WAIT', attempt: 1, failures: 1, errors: ['no luck'] });
    expect(record?.dueMs).toBeGreaterThanOrEqual(beforeMs + LONG_MS - 1_000);
    expect(await bench().queue()).toEqual([]);
    await bench().expectEvents('a', ['start', expect.anything()], ['retry', { failures: 1 }]);
  });

  test('told to restart while it waits, it has one place still', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.retry(lease, RETRY);
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1 });
  });

  test('the last five errors are kept', async () => {
    await bench().enqueue('a');
    for (let failures = 1; failures <= 7; failures++) {
      const opened = await bench().openOne(await bench().takeLater());
      if (opened.kind !== 'run') throw new Error(`It is ${opened.kind}.`);
      await bench().store.retry(opened.lease, { ...RETRY, delayMs: 0, error: `error "${failures}" ü` });
    }
    const errors = [3, 4, 5, 6, 7].map((failures) => `error "${failures}" ü`);
    expect((await bench().reader.get(['a']))[0]).toMatchObject({ failures: 7, errors });
  });

  test('a repeated call changes nothing more', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.retry(lease, RETRY);
    expect(['requeued', 'lost']).toContain(await bench().store.retry(lease, RETRY));
    expect((await bench().reader.get(['a']))[0]).toMatchObject({ failures: 1 });
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1 });
  });

  test('under a lost lease nothing is written', async () => {
    const { lease } = await bench().begin('a');
    await bench().age('a');
    await bench().reapUntil('requeued', 'a');
    await bench().beginNext({ worker: 'w2' });
    expect(await bench().store.retry(lease, RETRY)).toBe('lost');
    expect((await bench().reader.get(['a']))[0]).toMatchObject({ state: 'RUNNING', worker: 'w2', failures: 0 });
  });

  test('a stop or removal that was asked for comes first', async () => {
    const stopped = await bench().begin('a');
    await bench().store.requestStop('a');
    expect(await bench().store.retry(stopped.lease, RETRY)).toBe('stopped');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    const removed = await bench().begin('b');
    await bench().store.remove('b');
    expect(await bench().store.retry(removed.lease, RETRY)).toBe('removed');
    expect(await bench().hash('b')).toEqual({});
  });

  test('what is asked of it while it waits for its next run holds', async () => {
    await bench().store.retry((await bench().begin('a')).lease, RETRY);
    expect(await bench().store.requestStop('a')).toBe('done');
    expect(await bench().store.restart('a')).toBe('done');
    expect(await bench().beginNext()).toMatchObject({ attempt: 1, failures: 0 });
    await bench().store.retry((await bench().begin('b')).lease, RETRY);
    expect(await bench().store.reschedule('b', { inMs: 0 })).toBe('done');
    await eventually(async () => expect((await bench().take()).ids).toEqual(['b']));
    await bench().store.retry((await bench().begin('c')).lease, RETRY);
    expect(await bench().store.remove('c')).toBe('done');
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  });

  test('restarted while it waits for its next run, it goes on waiting, in one place', async () => {
    await bench().store.retry((await bench().begin('a')).lease, RETRY);
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1 });
  });

  test.each(['no JSON', '{}', '"text"', 'null', '7'])(
    'errors that somebody has made %j hold up nothing',
    async (errors) => {
      const { lease } = await bench().begin('a');
      await bench().raw.hset(bench().keys.task('a'), { errors, failures: 'some' });
      expect(await bench().store.retry(lease, RETRY)).toBe('requeued');
      expect((await bench().reader.get(['a']))[0]).toMatchObject({ state: 'WAIT', failures: 1, errors: ['no luck'] });
    },
  );

  test('a run that came to an end, if a bad one, breaks the row of crashes', async () => {
    await bench().begin('a');
    for (let death = 1; death <= 2; death++) {
      await bench().age('a');
      await bench().reapUntil('requeued', 'a');
      const { lease } = await bench().beginNext();
      expect(await bench().hash('a')).toMatchObject({ crashes: '1' });
      await bench().store.retry(lease, { ...RETRY, delayMs: 0 });
      await bench().openOne(await bench().takeLater());
    }
  });

  test('a run that is started anew after its end has not failed yet', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.retry(lease, { ...RETRY, delayMs: 0 });
    const second = await bench().openOne(await bench().takeLater());
    if (second.kind !== 'run') throw new Error(`It is ${second.kind}.`);
    await bench().store.finish(second.lease, outcome('SUCCESS'));
    expect((await bench().reader.get(['a']))[0]).toMatchObject({ failures: 1, errors: ['no luck'] });
    await bench().store.restart('a');
    expect(await bench().beginNext()).toMatchObject({ attempt: 1, failures: 0 });
  });

  test('a task that waits for its next run is left to it by the monitor', async () => {
    await bench().store.retry((await bench().begin('a')).lease, RETRY);
    await bench().store.reap(1);
    await bench().store.reap(1);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ delayed: 1 });
  });
}
