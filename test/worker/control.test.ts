import { IsInt } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import type { TaskEvent } from '../../src/task/event';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Stubborn } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class LoopInput {
  @IsInt() step!: number;
}

@Task('loop')
class Loop {
  constructor(private readonly desk: Desk) {}

  async start(@Input(LoopInput) input: LoopInput, task: TaskContext): Promise<unknown> {
    this.desk.notes.push(`step ${input.step}`);
    const end = await this.desk.stay(task);
    this.desk.notes.push(...this.desk.aborts);
    return end;
  }

  stop(task: TaskContext): void {
    this.desk.notes.push(`stop(${task.id})`);
  }
}

@Task('hanging-stop')
class HangingStop {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }

  stop(): Promise<void> {
    return new Promise(() => {});
  }
}

@Task('throwing-stop')
class ThrowingStop extends HangingStop {
  override stop(): never {
    throw new RangeError('of stop');
  }
}

const TASKS = [Loop, Stubborn, HangingStop, ThrowingStop];

describe.each(PLACES)('controlling a task that runs, on %s', (place) => {
  describe.each(['here', 'in another app'])('%s', (where) => {
    const stage = Stage.use(place);

    async function begin(task = 'loop', worker = {}) {
      const desk = new Desk();
      const heard: TaskEvent[] = [];
      await stage().backend.events.onTask('a', (event) => heard.push(event));
      const app = await stage().app({ tasks: TASKS, providers: [Desk.provide(desk)], worker });
      const { client } = where === 'here' ? app : await stage().app({ tasks: TASKS, worker: false });
      await client.start(task, task === 'loop' ? { step: 1 } : {}, { id: 'a' });
      await desk.untilBegan('a');
      return { desk, client, events: () => heard.map(({ event }) => event), heard };
    }

    test('stop aborts its signal, calls stop, and leaves it STOPPED in the active set', async () => {
      const { desk, client, events } = await begin();
      expect(await client.stop('a')).toBe('requested');
      await stage().untilState('a', 'STOPPED');
      expect(desk.notes).toEqual(['step 1', 'stop(a)', 'stopped']);
      expect(await stage().active()).toEqual(['a']);
      expect(await stage().endQueue()).toEqual([]);
      await eventually(() => expect(events()).toEqual(['start', 'stop']));
      expect(await stage().hash('a')).not.toHaveProperty('control');
    });

    test('reload runs it anew with the input stored by then, as the same attempt', async () => {
      const { desk, client, events } = await begin();
      expect(await client.setInput('a', { step: 2 })).toBe(true);
      expect(await client.reload('a')).toBe('requested');
      await desk.untilBegan('a', 2);
      expect(desk.notes).toEqual(['step 1', 'stop(a)', 'reloaded', 'step 2']);
      expect(await stage().record('a')).toMatchObject({ state: 'RUNNING', attempt: 1 });
      await eventually(() => expect(events()).toEqual(['start', 'reload']));
      desk.gate('a').open('done');
      expect(await client.result('a', { timeout: '5s' })).toBe('done');
    });

    test('reload with a bad input tells every violation, and the old run goes on', async () => {
      const { desk, client, heard } = await begin();
      await stage().setHash('a', { data: '{"step":"x","extra":1}' });
      await client.reload('a');
      await eventually(() => expect(heard.at(-1)?.event).toBe('reload-rejected'));
      const violations = ['step', 'extra'].map((path) => expect.objectContaining({ path }));
      expect(heard.at(-1)?.data).toEqual({ violations: expect.arrayContaining(violations) });
      expect(desk.notes).toEqual(['step 1']);
      expect(await stage().hash('a')).not.toHaveProperty('control');
      desk.gate('a').open('done');
      expect(await client.result('a', { timeout: '5s' })).toBe('done');
    });

    test('reload with a name that the worker does not know is rejected', async () => {
      const { desk, client, heard } = await begin();
      await stage().setHash('a', { task: 'nobody' });
      await client.reload('a');
      await eventually(() => expect(heard.at(-1)?.event).toBe('reload-rejected'));
      expect(desk.began).toEqual(['a']);
    });

    test('restart does what reload does', async () => {
      const { desk, client } = await begin();
      expect(await client.restart('a')).toBe('requested');
      await desk.untilBegan('a', 2);
    });

    test('restartIfState leaves it alone in another state', async () => {
      const { desk, client } = await begin();
      expect(await client.restartIfState('a', ['WAIT', 'STOPPED'])).toBe('unchanged');
      expect(await client.restartIfState('a', [])).toBe('unchanged');
      expect(await client.restartIfState('a', 'RUNNING')).toBe('requested');
      await desk.untilBegan('a', 2);
      expect(desk.began).toEqual(['a', 'a']);
    });

    test('remove stops it, and nothing is left', async () => {
      const { desk, client, events } = await begin();
      expect(await client.remove('a')).toBe('requested');
      await eventually(async () => expect(await client.get('a')).toBeUndefined());
      expect(await stage().hash('a')).toEqual({});
      await eventually(async () => expect(await stage().active()).toEqual([]));
      expect(desk.notes).toEqual(['step 1', 'stop(a)', 'stopped']);
      await eventually(() => expect(events()).toEqual(['start', 'remove']));
    });

    test('a task that ignores the abort is STOPPED once stopTimeout has passed', async () => {
      const { desk, client } = await begin('stubborn', { stopTimeout: 20 });
      await client.stop('a');
      await stage().untilState('a', 'STOPPED');
      expect((await stage().untilLogged('left behind')).fields).toMatchObject({ taskId: 'a' });
      desk.gate('a').open('too late');
    });

    test('what a run returns after it was left behind is not written', async () => {
      const { desk, client } = await begin('stubborn', { stopTimeout: 20 });
      await client.stop('a');
      await stage().untilState('a', 'STOPPED');
      desk.gate('a').open('too late');
      await client.start('stubborn', {}, { id: 'b' });
      desk.gate('b').open('done');
      await client.result('b', { timeout: '5s' });
      expect(await stage().record('a')).toMatchObject({ state: 'STOPPED', output: undefined });
    });

    test('a stop method that never ends is bounded by stopTimeout', async () => {
      const { client } = await begin('hanging-stop', { stopTimeout: 20 });
      await client.stop('a');
      await stage().untilState('a', 'STOPPED');
    });

    test('a stop method that throws is logged, and the task is STOPPED', async () => {
      const { client } = await begin('throwing-stop');
      await client.stop('a');
      await stage().untilState('a', 'STOPPED');
      expect((await stage().untilLogged('stop() of the task threw')).fields).toMatchObject({
        err: expect.any(RangeError),
      });
    });

    test('a stop during a reload wins', async () => {
      const { desk, client } = await begin('stubborn', { stopTimeout: 5_000 });
      await client.reload('a');
      await desk.untilAborted('reloaded');
      await client.stop('a');
      desk.gate('a').open('aborted');
      await stage().untilState('a', 'STOPPED');
      expect(desk.began).toEqual(['a']);
    });

    test('two reloads at once leave one run', async () => {
      const { desk, client } = await begin();
      await Promise.all([client.reload('a'), client.reload('a'), client.reload('a')]);
      await eventually(async () => {
        expect(desk.began.length).toBeGreaterThan(1);
        expect(await stage().hash('a')).not.toHaveProperty('control');
      });
      desk.gate('a').open('done');
      expect(await client.result('a', { timeout: '5s' })).toBe('done');
    });

    test('a remove after a stop removes', async () => {
      const { desk, client } = await begin('stubborn', { stopTimeout: 5_000 });
      await client.stop('a');
      await desk.untilAborted('stopped');
      await client.remove('a');
      desk.gate('a').open('done');
      await eventually(async () => expect(await client.get('a')).toBeUndefined());
    });
  });
});
