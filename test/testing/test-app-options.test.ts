import { CLOCK, SystemClock } from '../../src/clock';
import { Inject } from '../../src/decorators/injection';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { ConfigurationError } from '../../src/errors';
import { RANDOM, type Random } from '../../src/random';
import { TaskContext } from '../../src/task/task-context';
import { createTestApp } from '../../src/testing/create-test-app';
import { useTestApps } from '../support/use-test-apps';
import { Mail } from './test-app-tasks';

@Task('draw')
class Draw {
  constructor(
    @Inject('hat') private readonly hat: () => string,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  start(task: TaskContext): string {
    task.log.info({}, 'Drawing');
    return `${this.hat()} ${this.random()}`;
  }

  @OnEvent('success')
  hear(): never {
    throw new TypeError('the hook is broken');
  }
}

const make = useTestApps();

test('a fake stands in for a provider, which is not even made', async () => {
  const connect = jest.fn();
  const app = await make({
    tasks: [Draw],
    redis: undefined,
    providers: [{ provide: 'hat', useFactory: connect }],
    provide: [['hat', () => 'a rabbit']],
  });
  const handle = await app.client.start(Draw);
  await app.drain();
  expect(await handle.result()).toBe('a rabbit 0');
  expect(connect).not.toHaveBeenCalled();
});

test('what was logged, and what threw, is kept; a logger of the test gets it too', async () => {
  const lines: string[] = [];
  const note = (_: unknown, message: string) => void lines.push(message);
  const onException = jest.fn();
  const app = await make({
    tasks: [Draw],
    provide: [['hat', () => 'a rabbit']],
    logger: { debug: note, info: note, warn: note, error: note },
    onException,
  });
  const broken = await make({
    tasks: [Draw],
    onException,
    provide: [
      [
        'hat',
        (): never => {
          throw new Error('no hat');
        },
      ],
    ],
  });
  for (const one of [app, broken]) await one.client.start(Draw);
  for (const one of [app, broken]) await one.drain();
  expect(app.logs).toContainEqual(expect.objectContaining({ level: 'info', message: 'Drawing' }));
  expect(lines).toEqual(expect.arrayContaining(['Drawing', 'Hook Draw.hear threw']));
  expect(app.failures).toEqual([
    { by: 'other', where: 'Hook Draw.hear threw', taskId: 'task-1', error: new TypeError('the hook is broken') },
  ]);
  expect(broken.failures).toEqual([
    { by: 'run', where: 'draw, attempt 1', taskId: 'task-1', error: new Error('no hat') },
  ]);
  expect(onException).toHaveBeenCalledTimes(1);
});

test.each<[string, object, string]>([
  ['Redis', { redis: 'redis://localhost' }, 'a test app works on the embedded store: leave it out'],
  ['an unknown option', { taks: [Mail] }, 'createTestApp: unknown option "taks", did you mean "tasks"?'],
  ['a clock', { providers: [{ provide: CLOCK, useValue: new SystemClock() }] }, 'a test app brings its own'],
  ['a time that is none', { now: 'tomorrow' }, 'now is "tomorrow": give a Date, epoch milliseconds or an ISO text.'],
  ['a fake without a token', { provide: [Mail] }, 'is no pair: give [Token, fake].'],
  ['a patience that is none', { patience: 'long' }, 'patience is "long"'],
  ['what is no list', { middleware: 5 }, 'middleware must be an array.'],
  ['a handler that is none', { onException: 5 }, 'onException must be a function'],
])('%s is refused', async (_, options, message) => {
  const making = createTestApp(options);
  await expect(making).rejects.toBeInstanceOf(ConfigurationError);
  await expect(making).rejects.toThrow(message);
});

test('an endless class that is no task is refused', async () => {
  await expect(createTestApp({ endless: [class Plain {} as never] })).rejects.toThrow('Plain is not a task');
});
