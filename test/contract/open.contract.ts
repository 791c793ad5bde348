import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome, started } from './bench';

export function describeOpen(makeBackend: MakeBackend): void {
  describe('open', () => describeOpening(makeBackend));
  describe('open, next attempts', () => describeAttempts(makeBackend));
  describe('stale claims', () => describeStaleClaims(makeBackend));
  describe('open, limited slots', () => describeSlots(makeBackend));
  describe('local tasks', () => describeLocal(makeBackend));
}

function describeOpening(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a run is opened with what the task is', async () => {
    expect(await bench().begin('a', {}, { data: '{"n":1}' })).toEqual({
      kind: 'run',
      lease: { id: 'a', token: expect.any(String), cleanup: true, local: false },
      name: 'probe',
      data: '{"n":1}',
      attempt: 1,
      failures: 0,
      control: undefined,
      unknownForTooLong: false,
    });
  });

  test('a run is written before it begins', async () => {
    const { lease } = await bench().begin('a');
    expect(await bench().hash('a')).toEqual({
      task: 'probe',
      data: '{}',
      state: 'RUNNING',
      created: expect.any(String),
      started: expect.stringMatching(/^\d{13}$/),
      last_update: expect.stringMatching(/^\d{10}(\.\d+)?$/),
      lease: lease.token,
      worker: 'w1',
      attempt: '1',
    });
    await bench().expectEvents('a', started());
  });

  test('a run is in the active set, and out of the inbox', async () => {
    await bench().begin('a');
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().inbox('w1')).toEqual([]);
    expect(await bench().queue()).toEqual([]);
  });

  test('many ids are opened in one call, and answered in their order', async () => {
    await bench().store.enqueue(['a', 'c'].map((id) => newTask(id)));
    await bench().raw.lpush(bench().keys.newQueue, 'no-task');
    await bench().take();
    const opened = await bench().open(['a', 'no-task', 'c']);
    expect(opened.map(({ kind }) => kind)).toEqual(['run', 'dropped', 'run']);
  });

  test('every run has a token of its own', async () => {
    const tokens = new Set<string>();
    for (const id of ['a', 'b']) tokens.add((await bench().begin(id)).lease.token);
    tokens.add((await bench().begin('c', { worker: 'w2' })).lease.token);
    expect(tokens.size).toBe(3);
  });

  test('a task that is never to be cleaned up says so in its lease', async () => {
    expect(await bench().begin('a', {}, { cleanup: false })).toMatchObject({ lease: { cleanup: false } });
  });

  test('any other text in the field "cleanup" is no refusal', async () => {
    await bench().enqueueForeign('a', { cleanup: 'no' });
    expect(await bench().beginNext()).toMatchObject({ lease: { cleanup: true } });
  });

  test('an id without a hash is dropped, and no hash is made up', async () => {
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'dropped', why: 'no hash' });
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().inbox('w1')).toEqual([]);
    expect(await bench().active()).toEqual([]);
  });

  test('a hash without a name is opened, so that it can be ended', async () => {
    await bench().raw.hset(bench().keys.task('a'), { data: '{}' });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext()).toMatchObject({ name: undefined, unknownForTooLong: false, attempt: 1 });
    await bench().expectEvents('a', started(1, 'w1', null));
  });

  test('a hash without an input is opened without one', async () => {
    await bench().raw.hset(bench().keys.task('a'), { task: 'probe' });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext()).toMatchObject({ name: 'probe', data: undefined });
  });

  test('a foreign task that runs elsewhere is not run a second time', async () => {
    const last_update = String(Date.now() / 1000);
    await bench().enqueueForeign('a', { state: 'RUNNING', last_update });
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().hash('a')).toEqual({ task: 'probe', data: '{}', state: 'RUNNING', last_update });
  });

  test('a task that runs elsewhere is in the active set, whoever forgot it there', async () => {
    await bench().enqueueForeign('a', { state: 'RUNNING', last_update: String(Date.now() / 1000) });
    await bench().take();
    await bench().openOne('a');
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('an id pushed again while it runs does not disturb the run', async () => {
    const { lease } = await bench().begin('a', { worker: 'w2' });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: undefined }]);
  });

  test('an id pushed again while the same worker runs it does not disturb the run', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().take();
    expect(await bench().openOne('a', { runHere: new Set(['a']) })).toEqual({ kind: 'used-up' });
    expect(await bench().store.heartbeat([lease], LONG_MS)).toEqual([{ lost: false, control: undefined }]);
  });

  test('an id pushed again when it has ended runs again, though its worker does not know of the end yet', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.finish(lease, outcome('SUCCESS'));
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().take();
    expect(await bench().openOne('a', { runHere: new Set(['a']) })).toMatchObject({ kind: 'run' });
  });

  test('a run whose opening was not heard of is opened anew by the same worker', async () => {
    const first = await bench().begin('a');
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    const second = await bench().beginNext();
    expect(second).toMatchObject({ kind: 'run', lease: { id: 'a' } });
    expect(await bench().store.finish(first.lease, outcome('SUCCESS'))).toBe(false);
  });
}

function describeStaleClaims(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('what was taken before the worker was silent for too long is not its own, whatever it takes since', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'a');
    await bench().beginNext({ worker: 'w2' });
    expect(await bench().take()).toEqual({ ids: [], lapsed: true });
    expect(await bench().openOne('a')).toEqual({ kind: 'lapsed' });
    expect(await bench().hash('a')).toMatchObject({ worker: 'w2', attempt: '1' });
  });
}

function describeAttempts(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a task whose worker fell silent is taken over, as the next attempt', async () => {
    await bench().begin('a');
    await bench().age('a');
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext({ worker: 'w2' })).toMatchObject({ attempt: 2 });
    await bench().expectEvents('a', started(), started(2, 'w2'));
  });

  test('a requeued task comes as the next attempt', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requeue([lease]);
    expect(await bench().beginNext()).toMatchObject({ attempt: 2 });
  });

  test('an ended task that is pushed again runs as the first attempt, with nothing left of the last', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.emit(lease, '{"event":"progress","data":1}', '1');
    await bench().store.finish(lease, outcome('SUCCESS'));
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext()).toMatchObject({ attempt: 1 });
    const hash = await bench().hash('a');
    for (const field of ['output', 'progress', 'ended']) expect(hash).not.toHaveProperty(field);
  });

  test('the retention of an ended task does not reach a run that was pushed', async () => {
    await bench().end('a');
    await bench().end('b');
    await bench().settleEnded(['a', 'b'], 40);
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().beginNext();
    await eventually(async () => expect(await bench().hash('b')).toEqual({}));
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING' });
  });

  test('a stop stored before the run began is told', async () => {
    await bench().enqueueForeign('a', { control: 'stop' });
    expect(await bench().beginNext()).toMatchObject({ control: 'stop' });
  });

  test('a removal stored before the run began leaves nothing of the task', async () => {
    await bench().enqueueForeign('a', { control: 'remove' });
    const run = await bench().beginNext();
    expect(run).toMatchObject({ control: 'remove' });
    expect(await bench().store.settleStop(run.lease)).toBe('removed');
    expect(await bench().hash('a')).toEqual({});
  });

  test('a reload stored before the run began has come to pass', async () => {
    await bench().enqueueForeign('a', { control: 'reload' });
    expect(await bench().beginNext()).toMatchObject({ control: undefined });
    expect(await bench().hash('a')).not.toHaveProperty('control');
  });
}

function describeSlots(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('no more runs begin than there are slots; the others are held in the inbox', async () => {
    await bench().store.enqueue(['a', 'b', 'c'].map((id) => newTask(id)));
    await bench().take();
    const opened = await bench().open(['a', 'b', 'c'], { slots: new Map([['probe', 2]]) });
    expect(opened.map(({ kind }) => kind)).toEqual(['run', 'run', 'held']);
    expect(opened[2]).toEqual({ kind: 'held', name: 'probe' });
    expect(await bench().inbox('w1')).toEqual(['c']);
    expect(await bench().hash('c')).toMatchObject({ state: 'WAIT' });
  });

  test('a held id is opened later, without being taken again', async () => {
    await bench().enqueue('a');
    await bench().take();
    await bench().openOne('a', { slots: new Map([['probe', 0]]) });
    expect(await bench().take()).toMatchObject({ ids: [] });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('the slots of one name do not count for another', async () => {
    await bench().enqueue('a');
    await bench().enqueue('b', { name: 'other' });
    await bench().take();
    const slots = new Map([
      ['probe', 0],
      ['other', 1],
    ]);
    expect((await bench().open(['a', 'b'], { slots })).map(({ kind }) => kind)).toEqual(['held', 'run']);
  });

  test('the given slots stay as they were', async () => {
    const slots = new Map([['probe', 1]]);
    await bench().begin('a', { slots });
    expect(slots).toEqual(new Map([['probe', 1]]));
  });
}

function describeLocal(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('a local task runs at once, and is in no queue', async () => {
    const run = await bench().store.openLocal('w1', newTask('a', { data: '{"n":1}' }), LONG_MS);
    expect(run).toMatchObject({ kind: 'run', name: 'probe', data: '{"n":1}', attempt: 1, lease: { local: true } });
    expect(await bench().hash('a')).toMatchObject({ task: 'probe', local: 'true', state: 'RUNNING' });
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().queue()).toEqual([]);
    await bench().expectEvents('a', started());
  });

  test('a local task ends as any other', async () => {
    const { lease } = await bench().store.openLocal('w1', newTask('a'), LONG_MS);
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
    expect(await bench().endQueue()).toEqual(['a']);
  });

  test('a local task that is discarded leaves nothing', async () => {
    const { lease } = await bench().store.openLocal('w1', newTask('a'), LONG_MS);
    expect(await bench().store.discardLocal(lease)).toBe(true);
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    await bench().expectEvents('a', started(), ['remove', null]);
  });
}
