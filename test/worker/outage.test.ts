import { Task } from '../../src/decorators/task';
import { TASK_STORE } from '../../src/store/task-store';
import { TaskContext } from '../../src/task/task-context';
import { faultyStore } from '../../src/testing';
import { Stage } from '../app/stage';
import { eventually } from '../support/eventually';

/** Whether the store is out of reach. */
class Weather {
  away = false;
}

@Task('teller')
class Teller {
  constructor(private readonly weather: Weather) {}

  async start(task: TaskContext): Promise<string> {
    if (task.attempt > 1) return 'done';
    this.weather.away = true;
    try {
      await task.emit('part');
    } finally {
      // Back in time for the outcome to be written.
      this.weather.away = false;
    }
    return 'told';
  }
}

describe('a run whose writes fail for longer than its lease', () => {
  const stage = Stage.use();

  test('is aborted, and runs again: the break is no failure of the task', async () => {
    const weather = new Weather();
    const plan = { onCall: () => (weather.away ? ({ kind: 'drop' } as const) : undefined) };
    const store = faultyStore(stage().backend.store, plan);
    const thrown: unknown[] = [];
    const app = await stage().app({
      tasks: [Teller],
      providers: [
        { provide: TASK_STORE, useValue: store },
        { provide: Weather, useValue: weather },
      ],
      taskTimeout: 300,
      worker: { heartbeatInterval: 50 },
      monitor: { interval: 50 },
      onException: (error) => void thrown.push(error),
    });
    await app.client.start(Teller, {}, { id: 'a' });
    const record = await eventually(async () => {
      const found = await stage().record('a');
      expect(['WAIT', 'RUNNING']).not.toContain(found?.state);
      return found;
    });
    expect(record).toMatchObject({ state: 'SUCCESS', output: '"done"', attempt: 2 });
    expect(thrown).toEqual([]);
  });
});
