import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome, started } from './bench';

/** How a run gives its task up before the task came to its end. */
export function describeGivingUp(makeBackend: MakeBackend): void {
  describe('settling a stop', () => describeSettleStop(makeBackend));
  describe('requeue', () => describeRequeue(makeBackend));
  describe('reopen', () => describeReopen(makeBackend));
}

function describeSettleStop(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a stopped task stays in the active set, and is not cleaned up', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requestStop('a');
    expect(await bench().store.settleStop(lease)).toBe('stopped');
    const hash = await bench().hash('a');
    expect(hash).toMatchObject({ state: 'STOPPED' });
    for (const field of ['control', 'lease']) expect(hash).not.toHaveProperty(field);
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().endQueue()).toEqual([]);
    await bench().expectEvents('a', started(), ['stop', null]);
  });

  test('a task stopped by a message alone is stopped as well', async () => {
    const { lease } = await bench().begin('a');
    expect(await bench().store.settleStop(lease)).toBe('stopped');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
  });

  test('a stopped task is not reaped', async () => {
    const { lease } = await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().store.settleStop(lease);
    await bench().store.reap(INSTANT_MS);
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().queue()).toEqual([]);
  });

  test('of a task that was to be removed nothing is left', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.remove('a');
    expect(await bench().store.settleStop(lease)).toBe('removed');
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    await bench().expectEvents('a', started(), ['remove', null]);
  });

  test('a removed task with places in the queue leaves their number', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { skip: '2' });
    await bench().store.remove('a');
    await bench().store.settleStop(lease);
    expect(await bench().hash('a')).toEqual({ skip: '2' });
  });
}

function describeRequeue(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a requeued task waits at the head of the queue', async () => {
    const { lease } = await bench().begin('a');
    await bench().enqueue('b');
    expect(await bench().store.requeue([lease])).toEqual(['requeued']);
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await bench().queue()).toEqual(['a', 'b']);
    await bench().expectEvents('a', started(), ['requeue', null]);
  });

  test('a requeued task keeps its place in the active set', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requeue([lease]);
    expect(await bench().active()).toEqual(['a']);
  });

  test('a requeue that was repeated takes one place, and is told once', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requeue([lease]);
    await bench().store.requeue([lease]);
    expect(await bench().queue()).toEqual(['a']);
    await bench().expectEvents('a', started(), ['requeue', null]);
  });

  test('a requeued task is not put back a second time by the monitor', async () => {
    const { lease } = await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().store.requeue([lease]);
    await bench().store.reap(INSTANT_MS);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a stop asked for by now is honoured', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requestStop('a');
    expect(await bench().store.requeue([lease])).toEqual(['stopped']);
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().queue()).toEqual([]);
    await bench().expectEvents('a', started(), ['stop', null]);
  });

  test('a removal asked for by now is honoured', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.remove('a');
    expect(await bench().store.requeue([lease])).toEqual(['removed']);
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    expect(await bench().queue()).toEqual([]);
    await bench().expectEvents('a', started(), ['remove', null]);
  });

  test('a reload asked for by now comes to pass with the next run', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requestReload('a');
    expect(await bench().store.requeue([lease])).toEqual(['requeued']);
    expect(await bench().hash('a')).not.toHaveProperty('control');
  });

  test('many are requeued at once, and answered in their order', async () => {
    const leases = [];
    for (const id of ['a', 'b', 'c']) leases.push((await bench().begin(id)).lease);
    await bench().store.requestStop('b');
    await bench().raw.del(bench().keys.task('c'));
    expect(await bench().store.requeue(leases)).toEqual(['requeued', 'stopped', 'lost']);
    expect(await bench().queue()).toEqual(['a']);
  });
}

function describeReopen(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a reload begins a run with what is stored by now', async () => {
    const { lease } = await bench().begin('a', {}, { data: '{"n":1}' });
    await bench().store.setData('a', '{"n":2}');
    await bench().raw.hset(bench().keys.task('a'), { cleanup: 'false' });
    expect(await bench().store.reopen('w1', lease, LONG_MS)).toEqual({
      kind: 'run',
      lease: { id: 'a', token: expect.not.stringMatching(lease.token), cleanup: false, local: false },
      name: 'probe',
      data: '{"n":2}',
      attempt: 1,
      failures: 0,
      control: undefined,
      unknownForTooLong: false,
    });
    await bench().expectEvents('a', started(), ['reload', null]);
  });

  test('a reload leaves nothing of the run before, and the task in its place', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.emit(lease, '{"event":"progress","data":1}', '1');
    await bench().store.requestReload('a');
    await bench().store.reopen('w1', lease, LONG_MS);
    const hash = await bench().hash('a');
    expect(hash).toMatchObject({ state: 'RUNNING', worker: 'w1', attempt: '1' });
    for (const field of ['control', 'output', 'progress']) expect(hash).not.toHaveProperty(field);
    expect(await bench().active()).toEqual(['a']);
  });

  test('a reload is no attempt of its own', async () => {
    const first = await bench().begin('a');
    await bench().store.requeue([first.lease]);
    const second = await bench().beginNext();
    expect(await bench().store.reopen('w1', second.lease, LONG_MS)).toMatchObject({ attempt: 2 });
  });

  test('the run before a reload cannot write any more', async () => {
    const { lease } = await bench().begin('a');
    const next = await bench().store.reopen('w1', lease, LONG_MS);
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(false);
    expect(next && (await bench().store.finish(next.lease, outcome('ERROR')))).toBe(true);
  });

  test('a local task stays local', async () => {
    const { lease } = await bench().store.openLocal('w1', newTask('a'), LONG_MS);
    expect(await bench().store.reopen('w1', lease, LONG_MS)).toMatchObject({ lease: { local: true } });
  });

  test.each(['stop', 'remove'])('"%s", asked for since the reload, is not forgotten', async (control) => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { control });
    const next = await bench().store.reopen('w1', lease, LONG_MS);
    expect(next && (await bench().store.heartbeat([next.lease], LONG_MS))).toEqual([{ lost: false, control }]);
  });
}
