import { IsString } from 'class-validator';
import type { App } from '../../src/app/app';
import type { TaskClient } from '../../src/client/task-client';
import { Inject } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import type { TaskState } from '../../src/task/state';
import { TaskContext } from '../../src/task/task-context';

/** Which of the two workers runs a task: the one that is to fail, or the one that comes after it. */
export const ROLE = Symbol('role');
export type Role = 'doomed' | 'rescuer';

@Task('crash/succeeding')
class Succeeding {
  async start(task: TaskContext): Promise<string> {
    await task.emit('step', 1);
    await task.progress({ done: 1 });
    return 'done';
  }
}

@Task('crash/logging')
class Logging {
  start(task: TaskContext): string {
    task.log.info({}, 'the only step');
    return 'done';
  }
}

@Task('crash/failing')
class Failing {
  async start(task: TaskContext): Promise<never> {
    await task.emit('step', 1);
    throw new TaskError('as expected');
  }
}

/** Fails once; where that run is cut short, its next one does not. */
@Task('crash/retried', { retry: { attempts: 3, delay: 10, jitter: 0 } })
class Retried {
  async start(task: TaskContext): Promise<string> {
    if (task.attempt === 1) throw new Error('once');
    return 'done';
  }
}

/** Fails always, and would be retried in an hour. */
@Task('crash/hopeless', { retry: { attempts: 3, delay: '1h', jitter: 0 } })
class Hopeless {
  start(): never {
    throw new Error('always');
  }
}

class StayingInput {
  @IsString() text!: string;
}

/** Ends only with another input than `stay`, or with the rescuer. */
@Task('crash/staying')
class Staying {
  constructor(@Inject(ROLE) private readonly role: Role) {}

  async start(@Input(StayingInput) { text }: StayingInput, task: TaskContext): Promise<string> {
    if (this.role === 'doomed' && text === 'stay') {
      await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
    }
    return text;
  }
}

/** One at a time in all workers: a place that is not freed would hold up the next. */
@Task('crash/limited', { limit: { concurrency: 1 } })
class Limited extends Succeeding {}

export const TASKS = [Succeeding, Logging, Failing, Retried, Hopeless, Staying];
/** Those of a scenario with limits: a worker that knows such a class looks at its lanes as well. */
export const LIMITED_TASKS = [...TASKS, Limited];

/** The doomed worker, and what a scenario may do while it lives. */
export interface Stage {
  readonly client: TaskClient;
  readonly doomed: App;
  /** Resolves when the task runs, has run, or the worker is dead. */
  untilBegun(): Promise<void>;
}

/** One life of a task, in which a worker is to fail at every point. */
export interface Scenario {
  readonly name: string;
  /** The workers serve the queue `mail` as well. */
  readonly mail?: true;
  /** They know the class that stands under limits. */
  readonly limited?: true;
  /** Before the worker starts. */
  readonly prepare: (client: TaskClient, id: string) => Promise<unknown>;
  /** What is asked of the task while the worker runs, or has failed. */
  readonly act?: (stage: Stage, id: string) => Promise<unknown>;
  /** The first worker's part ends with its leaving. */
  readonly leaves?: true;
  /** How it ends, and the ends that are told on the way: each once. */
  readonly state: TaskState | 'gone';
  readonly output?: string;
  readonly ends: readonly string[];
  /** Once the first end is there, and nobody works: what is asked for after it. */
  readonly afterwards?: {
    readonly after: TaskState;
    readonly act: (client: TaskClient, id: string) => Promise<unknown>;
  };
}

const stay = (client: TaskClient, id: string) => client.start(Staying, { text: 'stay' }, { id });
/** The same, and one more that waits for its time. */
const stayAndAnother = async (client: TaskClient, id: string) => {
  await stay(client, id);
  await client.start(Staying, { text: 'stay' }, { id: `${id}-later`, delay: '1h' });
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'success',
    prepare: (client, id) => client.start(Succeeding, undefined, { id }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'success of one that logs',
    prepare: (client, id) => client.start(Logging, undefined, { id }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'failure',
    prepare: (client, id) => client.start(Failing, undefined, { id }),
    state: 'ERROR',
    output: 'as expected',
    ends: ['error'],
  },
  {
    name: 'retry',
    prepare: (client, id) => client.start(Retried, undefined, { id }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'start after a delay',
    prepare: (client, id) => client.start(Succeeding, undefined, { id, delay: 20 }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'start of the only one of its key, by two',
    prepare: async () => {},
    act: async ({ client, doomed, untilBegun }, id) => {
      const unique = { key: 'one', window: '1h' };
      const starting = doomed.client.start(Succeeding, undefined, { id, unique }).catch(() => {});
      await Promise.race([starting, untilBegun()]);
      await client.start(Succeeding, undefined, { id, unique });
    },
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'a priority in a named queue',
    mail: true,
    prepare: (client, id) => client.start(Succeeding, undefined, { id, queue: 'mail', priority: 2 }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'retry in a named queue, with a deadline',
    mail: true,
    prepare: (client, id) => client.start(Retried, undefined, { id, queue: 'mail', deadline: '1h' }),
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success'],
  },
  {
    name: 'a deadline that ends the retries',
    prepare: (client, id) => client.start(Hopeless, undefined, { id, deadline: '20m' }),
    state: 'EXCEPTION',
    ends: ['exception'],
  },
  {
    name: 'stop while it waits in a named queue, then restart',
    mail: true,
    prepare: async (client, id) => {
      await client.start(Succeeding, undefined, { id, queue: 'mail' });
      await client.stop(id);
    },
    afterwards: { after: 'STOPPED', act: (client, id) => client.restart(id) },
    state: 'SUCCESS',
    output: '"done"',
    ends: ['stop', 'success'],
  },
  {
    name: 'success of one under a limit, then that of two more',
    limited: true,
    prepare: (client, id) => client.start(Limited, undefined, { id }),
    afterwards: {
      after: 'SUCCESS',
      act: async (client, id) => {
        await (await client.start(Limited, undefined, { id: `${id}-other` })).result({ timeout: '10s' });
        await client.restart(id);
      },
    },
    state: 'SUCCESS',
    output: '"done"',
    ends: ['success', 'success'],
  },
  {
    name: 'stop',
    prepare: stay,
    act: async ({ client, untilBegun }, id) => {
      await untilBegun();
      await client.stop(id);
    },
    state: 'STOPPED',
    ends: ['stop'],
  },
  {
    name: 'stop while it waits, then restart',
    prepare: async (client, id) => {
      await stay(client, id);
      await client.stop(id);
    },
    afterwards: { after: 'STOPPED', act: (client, id) => client.restart(id) },
    state: 'SUCCESS',
    output: '"stay"',
    ends: ['stop', 'success'],
  },
  {
    name: 'reload',
    prepare: stay,
    act: async ({ client, untilBegun }, id) => {
      await untilBegun();
      await client.setInput(id, { text: 'fresh' });
      await client.reload(id);
    },
    state: 'SUCCESS',
    output: '"fresh"',
    ends: ['success'],
  },
  {
    name: 'requeue of a worker that leaves',
    prepare: stay,
    act: async ({ doomed, untilBegun }) => {
      await untilBegun();
      await doomed.close();
    },
    leaves: true,
    state: 'SUCCESS',
    output: '"stay"',
    ends: ['success'],
  },
  {
    name: 'stop by bulk control, then restart by it',
    prepare: stayAndAnother,
    act: async ({ client, untilBegun }) => {
      await untilBegun();
      expect(await client.stopMany({ task: Staying })).toMatchObject({ matched: 2, unchanged: 0, missing: 0 });
    },
    afterwards: {
      after: 'STOPPED',
      act: async (client) => {
        expect(await client.restartMany({ state: 'STOPPED' })).toMatchObject({ matched: 2, done: 2 });
      },
    },
    state: 'SUCCESS',
    output: '"stay"',
    ends: ['stop', 'success'],
  },
  {
    name: 'removal by bulk control',
    prepare: stayAndAnother,
    act: async ({ client, untilBegun }) => {
      await untilBegun();
      expect(await client.removeMany({ state: ['WAIT', 'RUNNING'] })).toMatchObject({ matched: 2, unchanged: 0 });
    },
    state: 'gone',
    ends: ['remove'],
  },
];
