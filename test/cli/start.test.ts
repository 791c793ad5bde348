import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { TASK_CJS, TASKS_TS } from './modules';
import { Project } from './project';
import { runCli, startCli } from './run-cli';
import { typeHere } from './type-here';
import { useClient } from './use-client';

const redis = useServer(() => startRedis());
const project = Project.use({
  'tasks.ts': TASKS_TS,
  // Told at once what somebody wants of a task.
  'quick.ts': `${TASKS_TS}export const options = { tasks: [Sum, Endless], worker: { heartbeatInterval: 200 } };`,
  'app.cjs': `${TASK_CJS}
const { createApp } = require('taskwarden');
exports.app = createApp({ tasks: [Ping], redis: process.env.REDIS_URL, logger: false });`,
  'backend.mjs': `import { createApp, EVENT_BUS, Task, TASK_READER, TASK_STORE } from 'taskwarden';
class Ping { start() { return 'pong'; } }
Task('ping')(Ping);
const own = await createApp({ store: 'memory', worker: false, logger: false });
const providers = [TASK_STORE, TASK_READER, EVENT_BUS].map((provide) => ({ provide, useValue: own.get(provide) }));
export const options = { tasks: [Ping], providers };`,
  'numbers.json': '{"numbers": [4, 5]}',
  'bad.json': '{\n  "numbers": [1, 2\n}\n',
});

const client = useClient(redis);
const run = (args: readonly string[], input?: string) =>
  runCli(args, { env: { REDIS_URL: redis().url }, cwd: project().folder, ...(input !== undefined && { input }) });

const record = (id: string) => client().get(id);

describe('start', () => {
  test('prints the id, and enqueues the task as the flags say', async () => {
    const { code, output } = await run([
      'start',
      'sum',
      '-i',
      '{"numbers": []}',
      '--id',
      'a',
      '--queue',
      'q',
      '--priority',
      '2',
      '--delay',
      '1h',
      '--deadline',
      '2h',
    ]);
    expect([code, output]).toEqual([0, ['a']]);
    const task = await record('a');
    expect(task).toMatchObject({ name: 'sum', data: '{"numbers":[]}', queue: 'q', priority: 2, state: 'WAIT' });
    const { createdMs = 0, dueMs, deadlineMs } = task ?? {};
    expect([dueMs, deadlineMs]).toEqual([createdMs + 3_600_000, createdMs + 7_200_000]);
  });

  test('takes a time of the calendar', async () => {
    await typeHere(['start', 'sum', '--id', 'later', '--run-at', '2100-01-01T00:00:00Z'], redis().url);
    expect((await record('later'))?.dueMs).toBe(Date.UTC(2100, 0, 1));
  });

  test('prints a random id as JSON', async () => {
    const { output } = await typeHere(['--json', 'start', 'sum'], redis().url);
    expect(JSON.parse(output[0] as string)).toEqual({ id: expect.stringMatching(/^[\w-]{22}$/), isNew: true });
  });

  test('validates the input by the classes of --app', async () => {
    const { code, errors } = await run(['start', 'sum', '--app', 'tasks.ts', '--input', '{"numbers": ["one"]}']);
    expect(errors.join('\n')).toMatch(
      /The input of task "sum" is not valid:\n {2}numbers: each value must be an integer/,
    );
    expect(code).toBe(2);
  });
});

test('start uses the app that a module of --app exports, and ends though that has connections open', async () => {
  const refused = await run(['start', 'ping', '--app', 'app.cjs', '--input', '{"a": 1}']);
  expect(refused.errors.join('\n')).toContain('the task takes no input');
  expect(refused.code).toBe(2);
  expect(await run(['start', 'ping', '--app', 'app.cjs', '--id', 'p'])).toEqual({ code: 0, output: ['p'], errors: [] });
});

test('start uses the store that a module of --app provides, and no flag that it knows nothing of', async () => {
  const started = await run(['start', 'ping', '--app', 'backend.mjs', '--id', 'elsewhere']);
  expect(started).toEqual({ code: 0, output: ['elsewhere'], errors: [] });
  expect(await record('elsewhere')).toBeUndefined();
  const refused = await run(['start', 'ping', '--app', 'backend.mjs', '--redis', redis().url]);
  expect(refused.errors.join('\n')).toContain('backend.mjs provides a TASK_STORE of its own: leave --redis');
  expect(refused.code).toBe(2);
});

describe('start --wait', () => {
  beforeAll(async () => {
    await startCli(['worker', 'quick.ts'], { env: { REDIS_URL: redis().url }, cwd: project().folder });
  });
  const wait = (args: readonly string[], input?: string) =>
    run(['start', ...args, '--wait', '--timeout', '20s'], input);

  test('prints the result of an input from a file, with the id beside it', async () => {
    const { code, output, errors } = await wait(['sum', '--input', '@numbers.json', '--id', 'w']);
    expect([code, output, errors]).toEqual([0, ['{"sum":9}'], ['taskwarden: started w']]);
  });

  test('prints the result of an input from standard input', async () => {
    const { output } = await wait(['sum', '--input', '-'], '{"numbers": [1], "label": "one"}');
    expect(output).toEqual(['{"one":1}']);
  });

  test('tells an end as ERROR by exit code 5, with the message', async () => {
    const { code, output, errors } = await wait(['sum', '--input', '{"numbers": []}', '--id', 'e']);
    expect([code, output]).toEqual([5, []]);
    expect(errors).toContain('taskwarden: Task "e" ended as ERROR: nothing to add');
  });

  test.each([['stop'], ['remove']] as const)('tells a task that somebody had to %s by exit code 6', async (verb) => {
    const waiting = await startCli(['start', 'endless', '--id', verb, '--wait'], { env: { REDIS_URL: redis().url } });
    await waiting.waitForLine('started');
    await client()[verb](verb);
    expect((await waiting.exited).code).toBe(6);
  });

  test('leaves after its timeout with exit code 7', async () => {
    const { code, errors } = await run(['start', 'endless', '--id', 't', '--wait', '--timeout', '300ms']);
    expect(errors.join('\n')).toContain('did not end within 300 ms');
    expect(code).toBe(7);
  });

  test('leaves at SIGINT with exit code 130, and the task goes on', async () => {
    const waiting = await startCli(['start', 'endless', '--id', 'i', '--wait'], { env: { REDIS_URL: redis().url } });
    await waiting.waitForLine('started');
    waiting.kill('SIGINT');
    expect(await waiting.exited).toEqual({ code: 130, signal: null });
    expect((await record('i'))?.state).not.toBe('STOPPED');
  });
});

test('an id that waits already is refused', async () => {
  await client().start('sum', {}, { id: 'twice', delay: '1h' });
  const { code, errors } = await typeHere(['start', 'sum', '--id', 'twice'], redis().url);
  expect(errors).toEqual([expect.stringMatching(/^taskwarden: Task "twice" already waits or runs/)]);
  expect(code).toBe(2);
});

describe('start refuses, and starts nothing:', () => {
  test.each([
    [
      'an input that is no JSON',
      ['--input', '{"numbers" [1]}'],
      ['line 1, column 12: colon expected', '  {"numbers" [1]}', '             ^'],
    ],
    ['one in a file', ['--input', '@bad.json'], ['/bad.json: line 3, column 1: ', 'Write it as']],
    ['one of nothing', ['--input', ''], ['--input is no JSON: it is empty.']],
    ['a file that is not there', ['--input', '@gone.json'], ['--input cannot be read: ENOENT']],
    ['an input that is no object', ['--input', '[1]'], ['must be an object']],
    [
      'no duration',
      ['--delay', 'soon'],
      ["--delay <duration>' argument 'soon' is invalid. It is no duration: write it as"],
    ],
    ['no time', ['--run-at', 'soon'], ["'soon' is invalid. It is no time: write it as 2027"]],
    ['two times', ['--run-at', '2100-01-01', '--delay', '1h'], ["cannot be used with option '--run-at"]],
    ['no priority', ['--priority', '10'], ['It is no priority: give 0']],
    ['a queue that can be none', ['--queue', 'a b'], ['queue is "a b"; the name of a queue has']],
    ['an id that can be none', ['--id', 'a{b'], ['a{b']],
    ['a timeout without a wait', ['--timeout', '1s'], ['give --wait as well']],
  ])('%s', async (_case, args, messages) => {
    const placed = args.map((arg) => arg.replace('@', `@${project().folder}/`));
    const { code, output, errors } = await typeHere(['start', 'sum', ...placed], redis().url);
    for (const message of messages) expect(errors.join('\n')).toContain(message);
    expect([code, output]).toEqual([2, []]);
  });
});
