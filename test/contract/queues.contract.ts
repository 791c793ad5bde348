import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, outcome } from './bench';

const SHORT_MS = 150;

export function describeQueues(makeBackend: MakeBackend): void {
  describe('a named queue', () => describeNamed(makeBackend));
  describe('a task of a named queue goes back there', () => describeReturns(makeBackend));
  describe('a paused queue', () => describePaused(makeBackend));
  describe('a drain', () => describeDrain(makeBackend));
}

function describeNamed(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('has its tasks to itself', async () => {
    await bench().enqueue('a');
    await bench().enqueue('m', { queue: 'mail' });
    expect(await bench().queue()).toEqual(['a']);
    expect(await bench().queue('mail')).toEqual(['m']);
    expect((await bench().take()).ids).toEqual(['a']);
    expect((await bench().take({ queue: 'mail' })).ids).toEqual(['m']);
  });

  test('is told by the record of its tasks', async () => {
    await bench().enqueue('m', { queue: 'mail' });
    expect(await bench().reader.get(['m'])).toMatchObject([{ queue: 'mail' }]);
  });

  test('is listed with its size and age, the default one first', async () => {
    await bench().enqueue('m1', { queue: 'mail' });
    await bench().enqueue('m2', { queue: 'mail' });
    await bench().enqueue('later', { queue: 'mail', due: { inMs: LONG_MS } });
    const [first] = await bench().reader.get(['m1']);
    expect(await bench().reader.queues()).toEqual([
      { name: 'default', waiting: 0, delayed: 0, paused: false, oldestMs: undefined },
      { name: 'mail', waiting: 2, delayed: 1, paused: false, oldestMs: first?.createdMs },
    ]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 2, delayed: 1 });
  });

  test('may be pushed into by any program, and its tasks go back there', async () => {
    await bench().raw.hset(bench().keys.task('m'), { task: 'probe', data: '{}' });
    await bench().raw.lpush(bench().keys.queue('mail'), 'm');
    await bench().take({ queue: 'mail' });
    const run = await bench().openOne('m', { queue: 'mail' });
    if (run.kind !== 'run') throw new Error(run.kind);
    expect(run.lease.queue).toBe('mail');
    expect(await bench().reader.get(['m'])).toMatchObject([{ queue: 'mail' }]);
    await bench().store.requeue([run.lease]);
    expect(await bench().queue('mail')).toEqual(['m']);
  });

  test('is left for the one that a task is pushed into by hand', async () => {
    await bench().enqueue('m', { queue: 'mail' });
    await bench().raw.lpush(bench().keys.newQueue, 'm');
    const run = await bench().beginNext();
    expect(await bench().reader.get(['m'])).toMatchObject([{ queue: 'default' }]);
    await bench().store.requeue([run.lease]);
    expect(await bench().queue()).toEqual(['m']);
  });

  test('wakes those who wait elsewhere', async () => {
    const woken = new AbortController();
    const unsubscribe = await bench().backend.events.onWake(['default', 'mail'], () => woken.abort());
    await bench().enqueue('m', { queue: 'mail' });
    await eventually(async () => expect(woken.signal.aborted).toBe(true));
    await unsubscribe();
  });

  test('has a task start there once it is due', async () => {
    await bench().enqueue('m', { queue: 'mail', due: { inMs: SHORT_MS } });
    expect(await bench().takeLater('mail')).toBe('m');
  });

  test('is where a rescheduled task waits', async () => {
    await bench().enqueue('m', { queue: 'mail', due: { inMs: LONG_MS } });
    expect(await bench().store.reschedule('m', { inMs: 0 })).toBe('done');
    await eventually(async () => expect((await bench().take({ queue: 'mail' })).ids).toEqual(['m']));
  });

  test('is where a stopped and a removed task leave it', async () => {
    await bench().enqueue('stopped', { queue: 'mail', due: { inMs: LONG_MS } });
    await bench().enqueue('removed', { queue: 'mail', due: { inMs: LONG_MS } });
    expect(await bench().store.requestStop('stopped')).toBe('done');
    expect(await bench().store.remove('removed')).toBe('done');
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  });

  test('hands an unknown task back to itself', async () => {
    await bench().enqueue('m', { queue: 'mail', name: 'unknown' });
    await bench().take({ queue: 'mail' });
    const opened = await bench().open(['m'], { queue: 'mail', unknownTaskTimeoutMs: LONG_MS });
    expect(opened).toEqual([{ kind: 'handed-back', name: 'unknown' }]);
    const take = async () => (await bench().take({ queue: 'mail', worker: 'w2' })).ids;
    await eventually(async () => expect(await take()).toEqual(['m']));
  });
}

function describeReturns(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function begin() {
    await bench().enqueue('m', { queue: 'mail' });
    await bench().take({ queue: 'mail' });
    const run = await bench().openOne('m', { queue: 'mail' });
    if (run.kind !== 'run') throw new Error(run.kind);
    return run;
  }

  test('when it is put back', async () => {
    await bench().enqueue('m', { queue: 'mail' });
    await bench().take({ queue: 'mail' });
    await bench().store.putBack('w1', ['m'], 'mail');
    expect(await bench().queue('mail')).toEqual(['m']);
    expect(await bench().inbox('w1', bench().keys.queue('mail'))).toEqual([]);
  });

  test('when its run is retried', async () => {
    const { lease } = await begin();
    await bench().store.retry(lease, { delayMs: 0, error: 'no', event: '{"event":"retry","data":null}' });
    await eventually(async () => expect((await bench().take({ queue: 'mail' })).ids).toEqual(['m']));
  });

  test('when its worker died in the run', async () => {
    await begin();
    await bench().age('m');
    await bench().reapUntil('requeued', 'm');
    expect(await bench().queue('mail')).toEqual(['m']);
    expect(await bench().queue()).toEqual([]);
  });

  test('when its worker died before the run', async () => {
    await bench().enqueue('m', { queue: 'mail' });
    await bench().take({ queue: 'mail', keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'm');
    expect(await bench().queue('mail')).toEqual(['m']);
  });

  test('when its worker leaves', async () => {
    await bench().enqueue('m', { queue: 'mail' });
    await bench().take({ queue: 'mail' });
    await bench().store.leave('w1');
    expect(await bench().queue('mail')).toEqual(['m']);
  });

  test('when it is restarted', async () => {
    const { lease } = await begin();
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().store.restart('m')).toBe('done');
    expect(await bench().queue('mail')).toEqual(['m']);
  });

  test.each(['requestStop', 'remove'] as const)(
    'and not where it was told to %s, if it is enqueued anew elsewhere',
    async (how) => {
      await bench().enqueue('m', { queue: 'mail' });
      await bench().store[how]('m');
      await bench().enqueue('m', { queue: 'post' });
      await bench().take({ queue: 'post' });
      expect(await bench().openOne('m', { queue: 'post' })).toMatchObject({ kind: 'run' });
      await bench().take({ queue: 'mail' });
      expect(await bench().openOne('m', { queue: 'mail' })).toEqual({ kind: 'used-up' });
      expect(await bench().hash('m')).not.toHaveProperty('skip');
    },
  );

  test('and is skipped wherever it stands, where a producer wrote no queue', async () => {
    await bench().raw.hset(bench().keys.task('m'), { task: 'probe', data: '{}' });
    await bench().raw.lpush(bench().keys.queue('mail'), 'm');
    expect(await bench().store.requestStop('m')).toBe('done');
    await bench().take({ queue: 'mail' });
    expect(await bench().openOne('m', { queue: 'mail' })).toEqual({ kind: 'used-up' });
    expect(await bench().reader.get(['m'])).toMatchObject([{ state: 'STOPPED' }]);
  });

  test('and not when its id is enqueued anew without one', async () => {
    const { lease } = await begin();
    await bench().store.finish(lease, outcome('SUCCESS'));
    await bench().enqueue('m');
    expect(await bench().queue()).toEqual(['m']);
    expect(await bench().reader.get(['m'])).toMatchObject([{ queue: 'default' }]);
  });
}

function describePaused(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test.each(['default', 'mail'])('gives nothing until it is resumed: %s', async (queue) => {
    await bench().enqueue('a', { queue });
    await bench().store.pauseQueue(queue);
    await bench().enqueue('b', { queue });
    expect((await bench().take({ queue, waitMs: 50 })).ids).toEqual([]);
    expect((await bench().reader.queues()).find(({ name }) => name === queue)).toMatchObject({
      waiting: 2,
      paused: true,
    });
    await bench().store.resumeQueue(queue);
    expect((await bench().take({ queue })).ids).toEqual(['a', 'b']);
  });

  test('gets back what was moved out of it meanwhile, and nobody has begun', async () => {
    await bench().enqueue('a');
    await bench().take({ limit: 0 });
    await bench().store.pauseQueue('default');
    // As a wait does that Redis has served before it was ended, or a take whose reply was lost.
    await bench().raw.lpush(bench().keys.inbox(bench().keys.newQueue, 'w1'), 'moved');
    expect((await bench().take()).ids).toEqual([]);
    expect(await bench().queue()).toEqual(['moved', 'a']);
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('keeps what is due', async () => {
    await bench().store.pauseQueue('default');
    await bench().enqueue('a', { due: { inMs: 1 } });
    expect((await bench().take({ waitMs: 50 })).ids).toEqual([]);
    await bench().store.resumeQueue('default');
    expect(await bench().takeLater()).toBe('a');
  });

  test('wakes those who wait when it is resumed', async () => {
    await bench().store.pauseQueue('mail');
    await bench().enqueue('m', { queue: 'mail' });
    const woken = new AbortController();
    const unsubscribe = await bench().backend.events.onWake(['mail'], () => woken.abort());
    await bench().store.resumeQueue('mail');
    await eventually(async () => expect(woken.signal.aborted).toBe(true));
    await unsubscribe();
  });
}

function describeDrain(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function drain(queue: string, delayed = false): Promise<number> {
    let removed = 0;
    for (;;) {
      const step = await bench().store.drainQueue(queue, 'drainer', delayed);
      removed += step.removed;
      if (!step.more) return removed;
    }
  }

  test('removes what waits, and tells it', async () => {
    await bench().enqueue('a', { queue: 'mail' });
    await bench().enqueue('b', { queue: 'mail', priority: 0 });
    await bench().enqueue('later', { queue: 'mail', due: { inMs: LONG_MS } });
    await bench().enqueue('other');
    expect(await drain('mail')).toBe(2);
    expect(await bench().reader.get(['a', 'b', 'later', 'other'])).toMatchObject([
      undefined,
      undefined,
      { state: 'WAIT' },
      { state: 'WAIT' },
    ]);
    await bench().expectEvents('a', ['remove', null]);
    expect(await drain('mail', true)).toBe(1);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 1, delayed: 0 });
  });

  test('works on a paused queue', async () => {
    await bench().store.pauseQueue('default');
    await bench().enqueue('a');
    expect(await drain('default')).toBe(1);
    expect(await bench().reader.get(['a'])).toEqual([undefined]);
  });

  test('uses up the places of stopped and removed tasks', async () => {
    await bench().enqueue('stopped');
    await bench().enqueue('removed');
    await bench().store.requestStop('stopped');
    await bench().store.remove('removed');
    expect(await drain('default')).toBe(0);
    expect(await bench().hash('removed')).toEqual({});
    expect(await bench().store.restart('stopped')).toBe('done');
    expect((await bench().beginNext()).lease.id).toBe('stopped');
  });

  test('removes a task that was stopped and restarted, whose first place is there still', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    expect(await bench().queue()).toEqual(['a', 'a']);
    expect(await drain('default')).toBe(1);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash('a')).toEqual({});
  });

  test('leaves a task alone that runs or has ended', async () => {
    await bench().end('ended');
    await bench().begin('running');
    await bench().raw.lpush(bench().keys.newQueue, 'ended', 'running');
    expect(await drain('default')).toBe(0);
    expect(await bench().reader.get(['ended', 'running'])).toMatchObject([{ state: 'SUCCESS' }, { state: 'RUNNING' }]);
    expect(await bench().queue()).toEqual([]);
  });
}
