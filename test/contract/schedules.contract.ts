import { encodeSchedule, firingId, type Schedule } from '../../src/schedule/schedule';
import type { Advance, ClaimedFirings, DueSchedule } from '../../src/store/schedule-store';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask } from './bench';

export function describeSchedules(makeBackend: MakeBackend): void {
  describe('a schedule', () => describeKept(makeBackend));
  describe('a schedule that is due', () => describeDue(makeBackend));
  describe('a firing', () => describeFirings(makeBackend));
}

function schedule(name: string, more: Partial<Schedule> = {}): Schedule {
  const rhythm = { cron: undefined, everyMs: 60_000, tz: 'UTC' };
  return {
    name,
    task: 'probe',
    data: '{"a":1}',
    overlap: 'skip',
    catchUp: 'last',
    declared: false,
    ...rhythm,
    ...more,
  };
}

function describeKept(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);
  const record = async (name: string) => (await bench().store.schedules()).find((one) => one.name === name);

  test('is told as it was written', async () => {
    const nightly = schedule('nightly', { cron: '0 3 * * *', everyMs: undefined, tz: 'Europe/Vienna' });
    expect(await bench().store.putSchedule(nightly, 4e12)).toBe('created');
    expect(await bench().store.putSchedule(schedule('a b:c', { declared: true }), 3e12)).toBe('created');
    const version = encodeSchedule(nightly);
    const never = { lastMs: undefined, lastId: undefined, lastSkippedMs: undefined };
    expect(await record('nightly')).toEqual({ ...nightly, ...never, version, paused: false, nextMs: 4e12 });
    expect((await bench().store.schedules()).map(({ name }) => name)).toEqual(['a b:c', 'nightly']);
  });

  test('that is put as it is keeps its next time, and one that has changed gets another', async () => {
    await bench().store.putSchedule(schedule('a'), 3e12);
    expect(await bench().store.putSchedule(schedule('a'), 4e12)).toBe('unchanged');
    expect(await record('a')).toMatchObject({ nextMs: 3e12 });
    expect(await bench().store.putSchedule(schedule('a', { data: '{}' }), 5e12)).toBe('changed');
    expect(await record('a')).toMatchObject({ nextMs: 5e12, data: '{}' });
    expect(await bench().store.putSchedule(schedule('a'), undefined)).toBe('changed');
    expect(await record('a')).toMatchObject({ nextMs: undefined });
  });

  test('that is paused has no next time, and stays paused when it is put again', async () => {
    await bench().store.putSchedule(schedule('a'), 3e12);
    expect(await bench().store.pauseSchedule('a')).toBe(true);
    await bench().store.putSchedule(schedule('a'), 4e12);
    await bench().store.putSchedule(schedule('a', { data: '{}' }), 5e12);
    expect(await record('a')).toMatchObject({ paused: true, nextMs: undefined });
  });

  test('that is resumed has the time that is given, if it is the one that was meant', async () => {
    await bench().store.putSchedule(schedule('a'), 3e12);
    await bench().store.pauseSchedule('a');
    expect(await bench().store.resumeSchedule('a', encodeSchedule(schedule('a', { data: '{}' })), 4e12)).toBe(false);
    expect(await bench().store.resumeSchedule('a', encodeSchedule(schedule('a')), 4e12)).toBe(true);
    expect(await bench().store.resumeSchedule('a', encodeSchedule(schedule('a')), 5e12)).toBe(true);
    expect(await record('a')).toMatchObject({ paused: false, nextMs: 4e12 });
  });

  test('that is removed is gone, with its pause', async () => {
    await bench().store.putSchedule(schedule('a'), 3e12);
    await bench().store.pauseSchedule('a');
    expect(await bench().store.removeSchedule('a', encodeSchedule(schedule('a', { data: '{}' })))).toBe(false);
    expect(await bench().store.removeSchedule('a')).toBe(true);
    expect(await bench().store.removeSchedule('a')).toBe(false);
    expect(await bench().store.schedules()).toEqual([]);
    await bench().store.putSchedule(schedule('a'), 4e12);
    expect(await record('a')).toMatchObject({ paused: false, nextMs: 4e12 });
  });

  test('of no such name can be neither paused nor resumed', async () => {
    expect(await bench().store.pauseSchedule('a')).toBe(false);
    expect(await bench().store.resumeSchedule('a', encodeSchedule(schedule('a')), 4e12)).toBe(false);
    expect(await bench().store.schedules()).toEqual([]);
  });
}

function describeDue(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('is told once its time has come, with how long it is until the next', async () => {
    const nowMs = await bench().store.scheduleClockMs();
    await bench().store.putSchedule(schedule('late'), nowMs - 5_000);
    await bench().store.putSchedule(schedule('later'), nowMs - 7_000);
    await bench().store.putSchedule(schedule('next'), nowMs + LONG_MS);
    const look = await bench().store.dueSchedules(LONG_MS);
    expect(look.due.map(({ schedule: { name }, dueMs }) => [name, dueMs])).toEqual([
      ['later', nowMs - 7_000],
      ['late', nowMs - 5_000],
    ]);
    expect(look.nowMs).toBeGreaterThanOrEqual(nowMs);
    expect(look.nextInMs).toBe(nowMs + LONG_MS - look.nowMs);
  });

  test('leaves nothing to wait for where there is no other', async () => {
    await bench().store.putSchedule(schedule('a'), 1_000);
    expect(await bench().store.dueSchedules(LONG_MS)).toMatchObject({ nextInMs: Number.POSITIVE_INFINITY });
  });

  test('is moved on by one of those who try', async () => {
    const due = await putDue(bench(), schedule('a'));
    const advance = advanceOf(due, { nextMs: 4e12 });
    const claims = await Promise.all([1, 2, 3].map(() => bench().store.advanceSchedule(advance, LONG_MS)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await bench().store.dueSchedules(LONG_MS)).toMatchObject({ due: [] });
    const [record] = await bench().store.schedules();
    expect(record).toMatchObject({ nextMs: 4e12, lastMs: due.dueMs, lastId: firingId('a', due.dueMs) });
  });

  test('is not moved on once it was changed, paused or removed', async () => {
    const due = await putDue(bench(), schedule('a'));
    await bench().store.putSchedule(schedule('a', { data: '{}' }), due.dueMs);
    expect(await bench().store.advanceSchedule(advanceOf(due), LONG_MS)).toBeUndefined();
    await bench().store.putSchedule(schedule('a'), due.dueMs);
    await bench().store.pauseSchedule('a');
    expect(await bench().store.advanceSchedule(advanceOf(due), LONG_MS)).toBeUndefined();
    await bench().store.removeSchedule('a');
    expect(await bench().store.advanceSchedule(advanceOf(due), LONG_MS)).toBeUndefined();
  });

  test('may be moved on without a firing, and says what was skipped', async () => {
    const due = await putDue(bench(), schedule('a'));
    const skip = { due, nextMs: undefined, firings: [], skippedMs: due.dueMs };
    expect(await bench().store.advanceSchedule(skip, LONG_MS)).toMatchObject({ tasks: [] });
    const [record] = await bench().store.schedules();
    expect(record).toMatchObject({ nextMs: undefined, lastMs: undefined, lastSkippedMs: due.dueMs });
  });

  test('tells whether the task of its last firing is still to be written', async () => {
    const due = await putDue(bench(), schedule('a'));
    const firings = await bench().store.advanceSchedule(advanceOf(due, { nextMs: due.dueMs + 1 }), LONG_MS);
    const last = async () => (await bench().store.dueSchedules(LONG_MS)).due[0];
    expect(await last()).toMatchObject({ lastId: firingId('a', due.dueMs), lastIsOwed: true });
    await bench().store.makeFirings(firings as ClaimedFirings);
    expect(await last()).toMatchObject({ lastId: firingId('a', due.dueMs), lastIsOwed: false });
  });
}

function describeFirings(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);
  const owed = () => bench().store.dueSchedules(LONG_MS);

  /** A firing that is decided, and claimed for so long. */
  async function decide(claimMs = LONG_MS): Promise<ClaimedFirings & { id: string }> {
    const due = await putDue(bench(), schedule('a'));
    const claimed = await bench().store.advanceSchedule(advanceOf(due, { nextMs: 4e12 }), claimMs);
    return { ...(claimed as ClaimedFirings), id: firingId('a', due.dueMs) };
  }

  /** The firings that nobody has made, once their claim is over. */
  function claimOwed(claimMs = LONG_MS): Promise<ClaimedFirings> {
    return eventually(async () => {
      const { owed } = await bench().store.dueSchedules(claimMs);
      expect(owed.tasks).toHaveLength(1);
      return owed;
    });
  }

  test('starts its task', async () => {
    const { id, ...firings } = await decide();
    await bench().store.makeFirings(firings);
    expect(await bench().queue()).toEqual([id]);
    const [task] = await bench().reader.get([id]);
    expect(task).toMatchObject({ name: 'probe', data: '{"a":1}', state: 'WAIT', attempt: 0 });
    expect(Object.keys(await bench().hash(id)).toSorted()).toEqual(['created', 'data', 'state', 'task']);
    expect(await owed()).toMatchObject({ owed: { tasks: [] }, nextInMs: expect.any(Number) });
    expect(await bench().beginNext()).toMatchObject({ lease: { id }, attempt: 1 });
  });

  test('that nobody made is made by another, once its claim is over', async () => {
    const { id } = await decide(INSTANT_MS);
    expect(await bench().queue()).toEqual([]);
    await bench().store.makeFirings(await claimOwed());
    expect(await bench().queue()).toEqual([id]);
    expect(await owed()).toMatchObject({ owed: { tasks: [] } });
  });

  test("is one scheduler's while the claim lasts", async () => {
    await decide();
    expect(await owed()).toMatchObject({ owed: { tasks: [] } });
  });

  test('is not made by one whose claim is over', async () => {
    const { id, ...firings } = await decide(INSTANT_MS);
    await claimOwed();
    await bench().store.makeFirings(firings);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash(id)).toEqual({});
  });

  test('that is made again is not run again, while it waits', async () => {
    const { id, ...firings } = await decide();
    await Promise.all([1, 2, 3].map(() => bench().store.makeFirings(firings)));
    await bench().store.makeFirings(firings);
    expect(await bench().queue()).toEqual([id]);
  });

  test('that is made again is not run again, once its task has ended and is deleted', async () => {
    const { id, ...firings } = await decide();
    await bench().store.makeFirings(firings);
    const run = await bench().beginNext();
    await bench().store.finish(run.lease, { state: 'SUCCESS', output: '1', event: '{"event":"success","data":1}' });
    await bench().settleEnded(await bench().store.takeEnded('c1', 10, LONG_MS), 0);
    expect(await bench().hash(id)).toEqual({});
    await bench().store.makeFirings({ ...firings, repeated: true });
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash(id)).toEqual({});
  });

  test('whose id was used by a task is not made over it', async () => {
    const { id, ...firings } = await decide();
    await bench().begin(id);
    await bench().store.makeFirings(firings);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash(id)).toMatchObject({ state: 'RUNNING', data: '{}' });
    expect(await owed()).toMatchObject({ owed: { tasks: [] } });
  });

  test('may be one of many', async () => {
    const due = await putDue(bench(), schedule('a', { overlap: 'queue' }));
    const times = Array.from({ length: 150 }, (_, place) => due.dueMs + place);
    const firings = times.map((atMs) => ({ atMs, task: newTask(firingId('a', atMs)) }));
    const claimed = await bench().store.advanceSchedule({ due, nextMs: 4e12, firings, skippedMs: undefined }, LONG_MS);
    await bench().store.makeFirings(claimed as ClaimedFirings);
    expect((await bench().queue()).toSorted()).toEqual(firings.map(({ task }) => task.id).toSorted());
    expect((await bench().store.schedules())[0]).toMatchObject({ lastMs: times.at(-1) });
  });
}

async function putDue(bench: Bench, put: Schedule): Promise<DueSchedule> {
  await bench.store.putSchedule(put, (await bench.store.scheduleClockMs()) - 1_000);
  const { due } = await bench.store.dueSchedules(LONG_MS);
  return due[0] as DueSchedule;
}

/** With one firing, for the time that it is due. */
function advanceOf(due: DueSchedule, more: Partial<Advance> = {}): Advance {
  const task = newTask(firingId(due.schedule.name, due.dueMs), { data: due.schedule.data });
  return { due, nextMs: undefined, firings: [{ atMs: due.dueMs, task }], skippedMs: undefined, ...more };
}
