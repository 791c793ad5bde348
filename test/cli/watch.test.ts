import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { TASKS_TS } from './modules';
import { Project } from './project';
import { runCli, startCli } from './run-cli';
import { runInTerminal } from './terminal';
import { typeHere } from './type-here';
import { useClient } from './use-client';

const redis = useServer(() => startRedis());
const project = Project.use({ 'tasks.ts': TASKS_TS });
const client = useClient(redis);
const env = () => ({ REDIS_URL: redis().url });
const run = (args: readonly string[], input?: string) =>
  runCli(args, { env: env(), ...(input !== undefined && { input }) });
/** It waits in a queue that is paused, until that is resumed. */
const start = (id: string, numbers: readonly number[]) => client().start('sum', { numbers }, { id, queue: 'held' });

beforeAll(async () => {
  await startCli(['worker', 'tasks.ts', '--queue', 'default,held'], { env: env(), cwd: project().folder });
  await (await client().start('sum', { numbers: [1] }, { id: 'ended' })).result({ timeout: '20s' });
});

beforeEach(() => client().queue('held').pause());

test('all events come as lines of JSON until SIGINT, which is exit code 130', async () => {
  const watching = await startCli(['watch', '--all', '--json'], { env: env() });
  await watching.waitForLine('watching all tasks');
  await client().start('sum', { numbers: [1, 2] }, { id: 'a' });
  await watching.waitForLine('"success"');
  watching.kill('SIGINT');
  expect(await watching.exited).toEqual({ code: 130, signal: null });
  const events = watching.stdoutLines.map((line) => JSON.parse(line)).filter(({ taskId }) => taskId === 'a');
  expect(events.map(({ event, data }) => [event, data])).toEqual([
    ['start', expect.anything()],
    ['adding', { count: 2 }],
    ['success', { sum: 3 }],
  ]);
  expect(events.every(({ timeMs }) => Math.abs(timeMs - Date.now()) < 60_000)).toBe(true);
});

test('of some tasks it ends when all have ended, with the worst of their ends as exit code', async () => {
  for (const [id, numbers] of [
    ['good', [1]],
    ['bad', []],
  ] as const)
    await start(id, numbers);
  const [good, bad] = await Promise.all([
    startCli(['watch', 'good', 'ended'], { env: env() }),
    startCli(['watch', '-'], { env: env(), input: 'nobody\nbad\nended\n' }),
  ]);
  await good.waitForLine('watching 2 tasks');
  await bad.waitForLine('watching 3 tasks');
  await client().queue('held').resume();

  expect((await good.exited).code).toBe(0);
  expect(good.stdoutLines.at(-1)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}good {2}success {2}\{"sum":1\}$/);
  expect(good.stderrLines).toContain('taskwarden: task "ended" has ended as SUCCESS');

  expect((await bad.exited).code).toBe(5);
  expect(bad.stdoutLines.at(-1)).toMatch(/bad {2}error {2}"nothing to add"$/);
  expect(bad.stderrLines).toContain('taskwarden: task "nobody" does not exist');
});

test('of tasks that have ended the exit code tells as well', async () => {
  await client().start('sum', {}, { id: 'stopped', delay: '1h' });
  await client().stop('stopped');
  const [missing, stopped] = await Promise.all([
    run(['watch', 'ended', 'nobody']),
    run(['watch', 'stopped', 'nobody', 'ended']),
  ]);
  expect([missing.code, stopped.code]).toEqual([4, 6]);
});

test.each([
  ['has colours', undefined, '\x1b[32msuccess\x1b[39m'],
  ['but none where NO_COLOR asks for none', '1', '  success  '],
])('on a terminal an event %s', async (_case, noColor, expected) => {
  const id = `on-terminal-${noColor}`;
  await start(id, [1]);
  const watching = runInTerminal(['watch', id], { env: { ...env(), NO_COLOR: noColor } });
  const raw = redis().connect();
  await eventually(async () => expect(await raw.pubsub('NUMSUB', `task-${id}`)).toEqual([`task-${id}`, 1]));
  raw.disconnect();
  await client().queue('held').resume();
  const { code, output } = await watching;
  expect(output).toContain(expected);
  expect(code).toBe(0);
});

test('that Redis is lost and back is told on standard error, and the events go on', async () => {
  const other = await startRedis({ appendOnly: true });
  const otherEnv = { REDIS_URL: other.url };
  const watching = await startCli(['watch', '--all'], { env: otherEnv });
  await watching.waitForLine('watching all tasks');
  await other.crash();
  await watching.waitForLine(/^taskwarden: Redis at .* cannot be reached/);
  await other.revive();
  await watching.waitForLine(/^taskwarden: Redis at .* is back/);
  const raw = other.connect();
  await raw.publish('task-x', '{"event":"stop","data":null}');
  raw.disconnect();
  await watching.waitForLine('x  stop');
  expect(watching.stdoutLines).toHaveLength(1);
});

test('an id and data from strangers cannot steer the terminal', async () => {
  const watching = await startCli(['watch', '--all'], { env: env() });
  await watching.waitForLine('watching all tasks');
  const raw = redis().connect();
  await raw.publish('task-x\x1b[2J', '{"event":"a\\u001b[31m","data":"\\u001b[2J"}');
  raw.disconnect();
  await watching.waitForLine('x�[2J  a�[31m  "\\u001b[2J"');
});

test.each([
  [['watch'], 'what is to be watched? Give ids, - for ids from standard input, or --all'],
  [['watch', 'a', '--all'], 'give ids or --all, not both'],
  [['watch', 'a{b'], 'a{b'],
])('%j is refused', async (args, message) => {
  const { code, errors } = await typeHere(args, redis().url);
  expect(errors.join('\n')).toContain(message);
  expect(code).toBe(2);
});

test('a Redis that is not there is one line', async () => {
  const commands = [
    ['watch', '--all'],
    ['watch', 'a'],
    ['start', 'sum', '--wait'],
    ['stop', 'a'],
    ['pause', 'q'],
  ];
  for (const args of commands) {
    const { code, errors } = await typeHere(args, 'redis://127.0.0.1:1');
    expect([code, errors]).toEqual([
      3,
      [expect.stringMatching(/^taskwarden: Redis at 127\.0\.0\.1:1 does not answer/)],
    ]);
  }
});
