import type { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { TASK_CJS, TASKS_TS } from './modules';
import { Project } from './project';
import { type CliRun, runCli, startCli } from './run-cli';
import { useClient } from './use-client';

const redis = useServer(() => startRedis());
const PING = `import { Task } from 'taskwarden';
export class Ping { start() { return 'pong'; } }
Task('ping')(Ping);
`;
const project = Project.use({
  'tasks.ts': TASKS_TS,
  'tasks.cjs': TASK_CJS,
  'tasks.mjs': PING,
  'default.mjs': `${PING}export default [Ping];\n`,
  'options.cjs': `${TASK_CJS}module.exports = { tasks: [Ping], names: { newQueue: 'other' }, cleanup: false };`,
  'app.mjs': `${PING}import { createApp } from 'taskwarden';
export const app = createApp({ tasks: [Ping], redis: process.env.REDIS_URL });`,
  'factory.mjs': `${PING}import { createApp } from 'taskwarden';
setInterval(() => {}, 60_000); // What a module leaves open does not keep the worker.
export default function makeApp() { return createApp({ tasks: [Ping], redis: process.env.REDIS_URL }); }`,
  'nothing.mjs': 'export const five = 5; export class Plain {}',
  'broken.mjs': "import 'taskwarden';\nexport const five = ;\n",
  'throws.mjs': "throw new Error('no database');",
  'hangs.mjs': 'await new Promise(() => {});',
  'exits.mjs': 'process.exit(0);',
  'makes.mjs': "export function app() { throw new Error('no key'); }",
  'number.mjs': 'export const app = () => 5;',
  'memory.mjs': `${PING}export const options = { tasks: [Ping], store: 'memory' };`,
  'idle.mjs': `${PING}export const options = { tasks: [Ping], worker: false };`,
});

const env = () => ({ REDIS_URL: redis().url });
const cwd = () => project().folder;
const workers: GuardedProcess[] = [];
const start = async (...args: string[]) => {
  const worker = await startCli(['worker', ...args], { env: env(), cwd: cwd() });
  workers.push(worker);
  return worker;
};
const client = useClient(redis);
const answerOf = async (name: string, input: object = {}) =>
  (await client().start(name, input)).result({ timeout: '20s' });
const run = (...args: string[]) => runCli(args, { env: env(), cwd: cwd() });

// The next test has tasks of the same names.
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));

beforeEach(async () => {
  const raw = redis().connect();
  await raw.flushall();
  raw.disconnect();
});

describe('a worker of', () => {
  test.each([
    ['CommonJS', 'tasks.cjs', '1 task class (Ping); ignored: limit: a number'],
    ['an ES module', './tasks.mjs', '1 task class (Ping)'],
    ['a default export', 'default.mjs', '1 task class (Ping)'],
    ['a promise of an app', 'app.mjs', 'an app in app; ignored: Ping: a task class'],
    ['a function that makes an app', 'factory.mjs', 'an app in default; ignored: Ping: a task class'],
  ])('%s runs tasks, says what it found, and leaves at SIGTERM', async (_kind, module, found) => {
    const worker = await start(module);
    expect(await answerOf('ping')).toBe('pong');
    expect(worker.stderrLines).toContain(`taskwarden: ${module}: ${found}`);
    worker.kill('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
  });

  test('TypeScript runs by the tsx that is installed there', async () => {
    const worker = await start('tasks.ts');
    expect(await answerOf('sum', { numbers: [1, 2] })).toEqual({ sum: 3 });
    expect(worker.stderrLines).toContain(
      'taskwarden: tasks.ts: 2 task classes (Endless, Sum); ignored: HELPER: a number',
    );
  });

  test('options that ask for the memory uses the Redis that was typed', async () => {
    await start('memory.mjs', '--redis', redis().url);
    expect(await answerOf('ping')).toBe('pong');
  });

  test('options keeps to what they say, and to the flags that were typed', async () => {
    const worker = await start('options.cjs', '--concurrency', '3', '--queue', 'mail,default', '--queue', 'rest');
    await run('start', 'ping', '--queue', 'mail', '--new-queue', 'other', '--id', 'a', '--wait', '--timeout', '20s');
    const { output } = await run('--json', 'queues', '--new-queue', 'other');
    expect(output.map((line) => JSON.parse(line).name)).toEqual(['default', 'mail', 'rest']);
    expect(worker.stderrLines[0]).toBe('taskwarden: options.cjs: options in default');
  });
});

test('a second signal ends a worker at once, whatever its tasks do', async () => {
  const worker = await start('tasks.ts');
  await client().start('endless');
  await answerOf('sum', { numbers: [1] });
  worker.kill('SIGINT');
  await worker.waitForLine('Asked to leave');
  worker.kill('SIGINT');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

describe('is refused, with what to do:', () => {
  const cases: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    ['a module that is not there', ['gone.js'], /there is no module .*gone\.js: give the path of a \.js/],
    [
      'one without tasks',
      ['nothing.mjs'],
      /exports no app, options or task classes \(but Plain: a class, five: a number\)/,
    ],
    ['one that cannot be read', ['broken.mjs'], /broken\.mjs cannot be loaded: .*broken\.mjs:2 export const five = ;/],
    ['one that throws', ['throws.mjs'], /throws\.mjs cannot be loaded: .*Error: no database/],
    ['one that waits for nothing', ['hangs.mjs'], /hangs\.mjs cannot be used: .* waits for something that never comes/],
    ['one that ends the process', ['exits.mjs'], /exits\.mjs cannot be used: the process ended while it was loaded/],
    ['one that makes its app in vain', ['makes.mjs'], /makes\.mjs cannot be used, as what it exports threw: .*no key/],
    ['an app that is none', ['number.mjs'], /app of .*number\.mjs is a number and no app: export an app/],
    ['options that do not work', ['idle.mjs'], /idle\.mjs gives worker: false: there is nothing to run/],
    [
      'a flag for a finished app',
      ['app.mjs', '--concurrency', '3'],
      /--concurrency cannot apply: app\.mjs exports a finished app/,
    ],
    ['a place for a finished app', ['app.mjs', '--redis', 'redis://x'], /--redis cannot apply/],
    [
      'no number of runs',
      ['tasks.mjs', '--concurrency', '0'],
      /'0' is invalid. It is no such number: give a whole one, 1 or more/,
    ],
    ['a queue that can be none', ['tasks.mjs', '--queue', 'a b'], /A name in worker\.queues is "a b"/],
  ];
  // At once: none has to do with another.
  let runs: readonly Promise<CliRun>[] = [];
  beforeAll(() => {
    runs = cases.map(([, args]) => run('worker', ...args));
    return Promise.all(runs);
  });

  test.each(cases.map(([name, , message], position) => ({ name, message, position })))(
    '$name',
    async ({ message, position }) => {
      const { code, output, errors } = (await runs[position]) as CliRun;
      expect(errors.join(' ')).toMatch(message);
      expect([code, output]).toEqual([2, []]);
    },
  );

  test('TypeScript where tsx is not installed', async () => {
    const bare = Project.bare({ 'tasks.ts': TASKS_TS });
    try {
      const { code, errors } = await runCli(['worker', 'tasks.ts'], { cwd: bare.folder });
      expect(errors.join(' ')).toContain('tsx is not installed for it: npm install --save-dev tsx');
      expect(code).toBe(2);
    } finally {
      bare.remove();
    }
  });
});
