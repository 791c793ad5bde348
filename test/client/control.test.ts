import { IsInt } from 'class-validator';
import type { TaskClient } from '../../src/client/task-client';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { InputError, TaskError } from '../../src/errors';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class CountInput {
  @IsInt() n!: number;
}

/** Ends at once; as ERROR where its input is negative. */
@Task('count')
class Count {
  constructor(private readonly desk: Desk) {}

  start(@Input(CountInput) { n }: CountInput): number {
    this.desk.notes.push(n);
    if (n < 0) throw new TaskError('negative');
    return n;
  }
}

describe.each(PLACES)('controlling a task that does not run, on %s', (place) => {
  const stage = Stage.use(place);
  let desk: Desk;
  let client: TaskClient;

  beforeEach(async () => {
    desk = new Desk();
    client = (await stage().app({ tasks: [Count], worker: false })).client;
  });

  async function work(): Promise<void> {
    await stage().app({ tasks: [Count], providers: [Desk.provide(desk)] });
  }

  /** What was queued before this task was taken by now. */
  async function passMarker(): Promise<void> {
    await client.start(Count, { n: 99 }, { id: 'marker' });
    await stage().untilState('marker', 'SUCCESS');
  }

  describe('that waits', () => {
    beforeEach(async () => {
      await client.start(Count, { n: 1 }, { id: 'a' });
    });

    test('stop: it is STOPPED at once, and never begins', async () => {
      expect(await client.stop('a')).toBe('done');
      expect(await client.get('a')).toMatchObject({ state: 'STOPPED' });
      await work();
      await passMarker();
      expect(desk.notes).toEqual([99]);
      expect(await stage().active()).toContain('a');
    });

    test('stop, then restart: it runs once', async () => {
      await client.stop('a');
      expect(await client.restart('a')).toBe('done');
      await work();
      await stage().untilState('a', 'SUCCESS');
      await passMarker();
      expect(desk.notes).toEqual([1, 99]);
    });

    test('reload and restart: unchanged', async () => {
      expect(await client.reload('a')).toBe('unchanged');
      expect(await client.restart('a')).toBe('unchanged');
      await work();
      await passMarker();
      expect(desk.notes).toEqual([1, 99]);
    });

    test('restartIfState: unchanged, also for its own state', async () => {
      expect(await client.restartIfState('a', 'WAIT')).toBe('unchanged');
      expect(await stage().queue()).toEqual(['a']);
    });

    test('setInput: it runs with the new input', async () => {
      expect(await client.setInput('a', { n: 2 })).toBe(true);
      await work();
      await stage().untilState('a', 'SUCCESS');
      expect(desk.notes).toEqual([2]);
    });

    test('setInput with a bad input: refused, and nothing is changed', async () => {
      await expect(client.setInput('a', { n: 'x' })).rejects.toBeInstanceOf(InputError);
      expect(await client.get('a')).toMatchObject({ data: '{"n":1}' });
    });

    test('remove: it is gone, and its place in the queue has no effect', async () => {
      expect(await client.remove('a')).toBe('done');
      expect(await client.get('a')).toBeUndefined();
      await work();
      await passMarker();
      expect(desk.notes).toEqual([99]);
      expect(await stage().hash('a')).toEqual({});
    });

    test('remove, then start under the same id: it runs once, with the new input', async () => {
      await client.remove('a');
      await client.start(Count, { n: 5 }, { id: 'a' });
      await work();
      await stage().untilState('a', 'SUCCESS');
      await passMarker();
      expect(desk.notes).toEqual([5, 99]);
    });
  });

  describe('that has ended', () => {
    beforeEach(async () => {
      await work();
      await client.start(Count, { n: -1 }, { id: 'a' });
      await stage().untilState('a', 'ERROR');
    });

    test('stop and reload: unchanged', async () => {
      expect(await client.stop('a')).toBe('unchanged');
      expect(await client.reload('a')).toBe('unchanged');
      expect(await client.get('a')).toMatchObject({ state: 'ERROR', output: 'negative' });
    });

    test('restart: it runs again, as the first attempt', async () => {
      expect(await client.restart('a')).toBe('done');
      await eventually(() => expect(desk.notes).toEqual([-1, -1]));
      expect(await stage().untilState('a', 'ERROR')).toMatchObject({ attempt: 1 });
    });

    test('setInput and restart: it runs with the new input, and the old output is gone', async () => {
      expect(await client.setInput('a', { n: 3 })).toBe(true);
      await client.restart('a');
      expect(await stage().untilState('a', 'SUCCESS')).toMatchObject({ output: '3' });
    });

    test('restartIfState: only in the states given', async () => {
      expect(await client.restartIfState('a', ['SUCCESS', 'EXCEPTION'])).toBe('unchanged');
      expect(await client.restartIfState('a', [])).toBe('unchanged');
      expect(desk.notes).toEqual([-1]);
      expect(await client.restartIfState('a', ['SUCCESS', 'ERROR'])).toBe('done');
      await eventually(() => expect(desk.notes).toEqual([-1, -1]));
    });

    test('restart twice at once: it runs again once', async () => {
      const replies = await Promise.all([client.restart('a'), client.restart('a')]);
      expect(replies).toContain('done');
      await eventually(() => expect(desk.notes.length).toBeGreaterThan(1));
      await passMarker();
      expect(desk.notes.filter((n) => n === -1)).toHaveLength(2);
    });

    test('remove: it is gone', async () => {
      expect(await client.remove('a')).toBe('done');
      expect(await stage().hash('a')).toEqual({});
    });

    test('start under the same id: a new task', async () => {
      await client.start(Count, { n: 3 }, { id: 'a' });
      expect(await stage().untilState('a', 'SUCCESS')).toMatchObject({ output: '3', attempt: 1 });
    });
  });

  test('that is missing: every call says so', async () => {
    for (const call of ['stop', 'reload', 'restart', 'remove'] as const) {
      expect(await client[call]('nobody')).toBe('missing');
      expect(await client.handle('nobody')[call]()).toBe('missing');
    }
    expect(await client.restartIfState('nobody', 'ERROR')).toBe('missing');
    expect(await client.setInput('nobody', { n: 1 })).toBe(false);
    expect(await client.get('nobody')).toBeUndefined();
    expect(await stage().hash('nobody')).toEqual({});
  });

  test('lists and counts tell where tasks are', async () => {
    for (const id of ['a', 'b', 'c']) await client.start(Count, { n: 1 }, { id });
    await client.stop('b');
    expect(await client.waiting()).toEqual(['a', 'b', 'c']);
    expect(await client.waiting(1)).toEqual(['a']);
    const active: string[] = [];
    for await (const id of client.active()) active.push(id);
    expect(active).toEqual(['b']);
    await work();
    await stage().untilState('c', 'SUCCESS');
    await eventually(async () => expect(await client.ended()).toEqual(['a', 'c']));
    expect(await client.counts()).toEqual({ waiting: 0, delayed: 0, active: 1, ended: 2 });
  });
});
