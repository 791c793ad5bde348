import { IsInt } from 'class-validator';
import { CLOCK, type Clock, sleep } from '../../src/clock';
import { Inject, Injectable } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { ConfigurationError, InputError, NoRestError, TaskError, TaskTimeoutError } from '../../src/errors';
import { MemoryRuns } from '../../src/store/memory/memory-runs';
import { RetryError } from '../../src/task/retry-error';
import { TaskContext } from '../../src/task/task-context';
import { runTask } from '../../src/testing/run-task';
import { Flaky, Hang, SignUp, Stay, Watch } from './test-app-tasks';

@Injectable()
class Bank {
  charge(_cents: number): Promise<string> {
    throw new Error('the real bank was called');
  }
}

class ChargeInput {
  @IsInt() cents!: number;
}

@Task('charge', { retry: { attempts: 3, delay: '1m' } })
class Charge {
  heard = 0;

  constructor(
    private readonly bank: Bank,
    @Inject('currency') private readonly currency: string,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async start(@Input() { cents }: ChargeInput, task: TaskContext): Promise<{ receipt: string; at: Date }> {
    task.log.info({ cents }, 'Charging');
    await task.progress('asked');
    const receipt = await this.bank.charge(cents);
    await sleep(this.clock, 600_000, task.signal);
    await task.emit('charged', { receipt });
    return { receipt: `${receipt} ${this.currency}`, at: new Date(this.clock.nowMs()) };
  }

  @OnEvent('charged')
  hear(): void {
    throw new TypeError('a hook that throws');
  }
}

const bank = { charge: async (cents: number) => `paid ${cents}` };
const provide = [
  [Bank, bank],
  ['currency', 'EUR'],
] as const;

describe('a task that is run alone', () => {
  test('gets its fakes, and what it returns, tells and logs is at hand, without waiting for its clock', async () => {
    const { state, output, error, events, progress, logs } = await runTask(
      Charge,
      { cents: 5 },
      { provide, now: '2026-01-01T00:00:00Z' },
    );
    expect({ state, output, error, progress }).toEqual({
      state: 'SUCCESS',
      output: { receipt: 'paid 5 EUR', at: '2026-01-01T00:10:00.000Z' },
      error: undefined,
      progress: 'asked',
    });
    expect(events).toEqual([
      { event: 'progress', data: 'asked' },
      { event: 'charged', data: { receipt: 'paid 5' } },
    ]);
    expect(logs).toContainEqual({
      level: 'info',
      fields: { task: 'charge', taskId: 'task', attempt: 1, cents: 5 },
      message: 'Charging',
    });
    expect(logs).toContainEqual(expect.objectContaining({ message: 'Hook Charge.hear threw' }));
  });

  test('is not run at all with an input that could not have been enqueued', async () => {
    await expect(runTask(Charge, { cents: 0.5 }, { provide })).rejects.toBeInstanceOf(InputError);
    // @ts-expect-error The input's type comes from the class.
    await expect(runTask(Charge, { cent: 5 }, { provide })).rejects.toBeInstanceOf(InputError);
  });

  test('that throws is to be retried, and ends at its last attempt; the error itself is there', async () => {
    const refused = new Error('refused');
    const failing = [
      [Bank, { charge: () => Promise.reject(refused) }],
      ['currency', 'EUR'],
    ] as const;
    const first = await runTask(Charge, { cents: 5 }, { provide: failing });
    expect(first).toMatchObject({ state: 'WAIT', retryDelayMs: 60_000, output: undefined });
    expect(first.error).toBe(refused);
    const last = await runTask(Charge, { cents: 5 }, { provide: failing, attempt: 3, id: 'order-7' });
    expect(last).toMatchObject({ state: 'EXCEPTION', retryDelayMs: undefined });
    expect(last.error).toBe(refused);
    const ok = await runTask(Flaky, {}, { attempt: 3 });
    expect(ok.output).toBe('done at attempt 3');
  });

  test('that fails as expected, or asks for another attempt, says so', async () => {
    @Task('fussy')
    class Fussy {
      start(task: TaskContext): never {
        if (task.attempt === 1) throw new RetryError('not yet', { delay: '5m' });
        throw new TaskError('never');
      }
    }
    expect(await runTask(Fussy)).toMatchObject({ state: 'WAIT', retryDelayMs: 300_000 });
    const { state, error } = await runTask(Fussy, {}, { attempt: 2 });
    expect([state, error]).toEqual(['ERROR', new TaskError('never')]);
  });

  test('logs to what is told of it, and to no store', async () => {
    @Task('chatty')
    class Chatty {
      start(task: TaskContext): void {
        task.log.info({ cents: 5n }, 'Charging');
        task.log.debug({}, 'Charged');
      }
    }
    const stored = jest.spyOn(MemoryRuns.prototype, 'appendLog');
    const { state, logs } = await runTask(Chatty, {}, { attempt: 2 });
    expect(state).toBe('SUCCESS');
    expect(logs.filter(({ fields }) => fields.task === 'chatty')).toEqual([
      { level: 'info', fields: { task: 'chatty', taskId: 'task', attempt: 2, cents: 5n }, message: 'Charging' },
      { level: 'debug', fields: { task: 'chatty', taskId: 'task', attempt: 2 }, message: 'Charged' },
    ]);
    expect(stored).not.toHaveBeenCalled();
    stored.mockRestore();
  });

  test('tells what it has enqueued', async () => {
    const { state, enqueued } = await runTask(SignUp, { to: 'ada' });
    expect(state).toBe('SUCCESS');
    expect(enqueued.map(({ name, input, delayMs }) => ({ name, input, delayMs }))).toEqual([
      { name: 'mail', input: { to: 'ada' }, delayMs: 0 },
      { name: 'mail', input: { to: 'ada' }, delayMs: 86_400_000 },
    ]);
  });

  test('ends by its timeout, without real waiting', async () => {
    const { state, error } = await runTask(Hang);
    expect([state, error]).toEqual(['EXCEPTION', new TaskTimeoutError(60_000)]);
  });

  test('is stopped where the test says so', async () => {
    const { state, events } = await runTask(Watch, {}, { stopAfter: '150m', now: 0 });
    expect(state).toBe('STOPPED');
    expect(events.map(({ data }) => data)).toEqual([0, 1, 2].map((hour) => new Date(hour * 3_600_000).toISOString()));
    expect(await runTask(Stay, {}, { stopAfter: 0 })).toMatchObject({ state: 'STOPPED', error: undefined });
  });

  test('that would never end is told from one that takes its time', async () => {
    await expect(runTask(Stay)).rejects.toThrow('stay (task) waits for something that neither the clock nor');
    await expect(runTask(Watch, {}, { patience: 50 })).rejects.toThrow('watch (task) goes on and on, by the clock');
    await expect(runTask(Stay)).rejects.toBeInstanceOf(NoRestError);
  });

  test('refuses options that it does not know', async () => {
    // @ts-expect-error No such option.
    await expect(runTask(Stay, {}, { atempt: 2 })).rejects.toThrow('did you mean "attempt"?');
    await expect(runTask(Stay, {}, { attempt: 0 })).rejects.toBeInstanceOf(ConfigurationError);
  });
});
