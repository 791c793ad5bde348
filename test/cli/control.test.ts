import { eventually } from '../support/eventually';
import { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { TASKS_TS } from './modules';
import { Project } from './project';
import { MAIN, runCli, startCli } from './run-cli';
import { runInTerminal } from './terminal';
import { typeHere } from './type-here';
import { useClient } from './use-client';

const redis = useServer(() => startRedis());
const project = Project.use({ 'tasks.ts': TASKS_TS });
const client = useClient(redis);
const env = () => ({ REDIS_URL: redis().url });
const run = (args: readonly string[], input?: string) =>
  runCli(args, { env: env(), ...(input !== undefined && { input }) });

beforeEach(async () => {
  const raw = redis().connect();
  await raw.flushall();
  raw.disconnect();
});

/** Tasks that wait: nobody knows their name. */
async function enqueue(name: string, count: number, queue = 'default'): Promise<void> {
  const items = Array.from({ length: count }, (_, n): [string, object] => [`${name}-${n}`, {}]);
  await client().startMany(name, new Map(items), { queue });
}

test('stop, restart (or retry) and remove say of each task what became of it, and missing ones do not hold up the others', async () => {
  await enqueue('mow', 2);
  const stopped = await run(['stop', 'mow-0', 'nobody', 'mow-1']);
  expect([stopped.code, stopped.output]).toEqual([4, ['mow-0  stopped', 'nobody  no such task', 'mow-1  stopped']]);

  const retried = await run(['--json', 'restart', 'mow-0']);
  expect([retried.code, retried.output]).toEqual([0, ['{"id":"mow-0","reply":"done"}']]);
  expect((await run(['retry', 'mow-0'])).output).toEqual(['mow-0  unchanged: it waits']);

  expect(await run(['remove', 'mow-0'])).toEqual({ code: 0, output: ['mow-0  removed'], errors: [] });
  expect(await client().count({ task: 'mow' })).toBe(1);
});

test('ids come from standard input, one a line, and an id that can be none is told', async () => {
  await enqueue('mow', 250);
  const ids = Array.from({ length: 250 }, (_, n) => `mow-${n}`);
  const { code, output, errors } = await run(['stop', '-'], `a{b\n\n${ids.join('\n')}\n`);
  expect(output).toEqual(ids.map((id) => `${id}  stopped`));
  expect(errors.join('\n')).toContain('a{b');
  expect(code).toBe(2);
});

test('one whose call Redis refuses takes nothing from what is told of the others', async () => {
  await enqueue('mow', 2);
  const raw = redis().connect();
  await raw.set('task-broken', 'no hash');
  raw.disconnect();
  const { code, output, errors } = await run(['stop', 'mow-0', 'broken', 'mow-1']);
  expect(output).toEqual(['mow-0  stopped', 'mow-1  stopped']);
  expect(errors.join('\n')).toContain('WRONGTYPE');
  expect(code).toBe(3);
});

test('with ids --dry-run tells what would become of each, and does nothing', async () => {
  await enqueue('mow', 1);
  const raw = redis().connect();
  await raw.hset('task-running', { task: 'mow', state: 'RUNNING' });
  const dry = (...args: string[]) => run([...args, 'mow-0', 'running', 'nobody', '--dry-run']);
  const [removed, stopped, restarted] = await Promise.all([dry('remove'), dry('stop', '--json'), dry('restart')]);
  expect(removed).toEqual({
    code: 4,
    output: ['mow-0  would be removed', 'running  would be asked to stop, then be removed', 'nobody  no such task'],
    errors: ['taskwarden: nothing was done'],
  });
  expect(stopped.output[1]).toBe('{"id":"running","reply":"requested","dryRun":true}');
  expect(restarted.output[0]).toBe('mow-0  would stay as it is: it waits');
  expect(await client().count({ state: 'WAIT' })).toBe(1);
  expect(await raw.hgetall('task-running')).toEqual({ task: 'mow', state: 'RUNNING' });
  raw.disconnect();
});

test('a reader that leaves early does not keep tasks from being stopped', async () => {
  await enqueue('mow', 2_500);
  const ids = Array.from({ length: 2_500 }, (_, n) => `mow-${n}`).join('\n');
  const command = `printf %s "$IDS" | (node ${MAIN} stop -; echo "code $?" >&2) | head -n 1`;
  const shell = await GuardedProcess.start('sh', ['-c', command], { env: { ...process.env, ...env(), IDS: ids } });
  await shell.exited;
  expect(shell.stdoutLines).toEqual(['mow-0  stopped']);
  expect(shell.stderrLines).toEqual(['code 0']);
  expect(await client().count({ state: 'STOPPED' })).toBe(2_500);
});

test.each([[['stop', '-']], [['watch', '-']], [['start', 'sum', '--input', '-']]])(
  '%j leaves at SIGINT while it reads from a terminal',
  async (args) => {
    // Its standard input stays open and says nothing.
    const reading = await startCli(args, { env: env(), openInput: true });
    const raw = redis().connect();
    // The client of this test is one, too.
    await eventually(async () =>
      expect(String(await raw.client('LIST')).match(/=taskwarden:commands/g)).toHaveLength(2),
    );
    raw.disconnect();
    reading.kill('SIGINT');
    expect(await reading.exited).toEqual({ code: 130, signal: null });
  },
);

test('reload has a running task begin anew with another input; restart and remove reach it as well', async () => {
  await startCli(['worker', 'tasks.ts'], { env: env(), cwd: project().folder });
  const watching = await startCli(['watch', '--all'], { env: env() });
  await watching.waitForLine('watching all');
  await client().start('endless', {}, { id: 'e' });
  await watching.waitForLine('e  began');
  expect((await run(['reload', 'e'])).output).toEqual(['e  is asked to begin anew']);
  await watching.waitForLine('e  began', '20s', 2);
  expect((await run(['restart', 'e'])).output).toEqual(['e  is asked to begin anew']);
  await watching.waitForLine('e  began', '20s', 3);
  expect((await run(['remove', 'e'])).output).toEqual(['e  is asked to stop, then removed']);
  await watching.waitForLine('e  remove', '20s');
});

test('reload --input replaces the stored input first', async () => {
  await client().start('mow', { height: 3 }, { id: 'a' });
  const { code, output } = await run(['reload', 'a', 'nobody', '--input', '-'], '{"height": 5}');
  expect([code, output]).toEqual([4, ['a  unchanged: it does not run', 'nobody  no such task']]);
  const raw = redis().connect();
  expect(await raw.hget('task-a', 'data')).toBe('{"height":5}');
  raw.disconnect();
});

describe('by a filter', () => {
  beforeEach(async () => {
    await enqueue('mow', 30);
    await enqueue('sow', 20, 'field');
  });

  test('many tasks need --yes, and without it nothing is done', async () => {
    const { code, output, errors } = await run(['stop', '--task', 'mow,sow', '--queue', 'default']);
    expect(errors.join('\n')).toContain('stop: 30 tasks match, and nothing was done. Add --yes');
    expect([code, output]).toEqual([2, []]);
    expect(await client().count({ state: 'STOPPED' })).toBe(0);
  });

  test('--yes does it, and the sum is told', async () => {
    const stopped = await run(['stop', '--queue', 'field', '--yes']);
    expect([stopped.code, stopped.output]).toEqual([0, ['20 stopped']]);
    expect((await run(['restart', '--state', 'stopped', '-y'])).output).toEqual(['20 restarted']);
    const removed = await run(['--json', 'remove', '--task', 'mow', '--task', 'sow', '--yes']);
    expect(JSON.parse(removed.output[0] as string)).toMatchObject({ matched: 50, done: 50, missing: 0 });
    expect((await typeHere(['stop', '--task', 'mow', '--yes'], redis().url)).output).toEqual(['no task matches']);
  });

  test('the age of tasks is a filter too', async () => {
    const [old, young] = await Promise.all([
      run(['remove', '--older-than', '1h', '--dry-run']),
      run(['remove', '--younger-than', '1h', '--dry-run']),
    ]);
    expect(old.output).toEqual(['0 tasks would be touched; nothing was done']);
    expect(young.output).toEqual(['50 tasks would be touched; nothing was done']);
  });

  test('--dry-run counts, and touches nothing', async () => {
    expect((await run(['remove', '--task', 'mow', '--dry-run'])).output).toEqual([
      '30 tasks would be touched; nothing was done',
    ]);
    expect(await client().count({})).toBe(50);
  });

  test('on a terminal it asks, shows how far it is, and does it after a yes', async () => {
    const no = await runInTerminal(['stop', '--task', 'mow'], { env: env(), input: 'n\n' });
    expect(no.output).toContain('stop: 30 tasks match. Do it to all of them? [y/N]');
    expect([no.code, await client().count({ state: 'STOPPED' })]).toEqual([2, 0]);
    const yes = await runInTerminal(['stop', '--task', 'mow'], { env: env(), input: 'y\n' });
    expect(yes.output).toMatch(/looked at: 30 stopped/);
    expect(yes.output.trimEnd()).toMatch(/30 stopped$/);
    expect([yes.code, await client().count({ state: 'STOPPED' })]).toEqual([0, 30]);
  });

  test.each([
    [['stop'], 'which tasks? Give ids, - for ids from standard input, or a filter'],
    [['reload'], 'which tasks? Give ids, or - for ids'],
    [['stop', 'a', '--task', 'mow'], 'give ids or a filter, not both'],
    [['restart', '--state', 'FAILED', '--yes'], 'There is no state "FAILED"'],
    [['stop', '--queue', 'a b', '--yes'], 'queue of the filter is "a b"'],
    [['reload', '-', '--input', '-'], 'standard input cannot be the ids and the input'],
    [['stop', '--task', ',', '--yes'], 'task is an empty list'],
  ])('%j is refused', async (args, message) => {
    const { code, errors } = await typeHere(args, redis().url);
    expect(errors.join('\n')).toContain(message);
    expect(code).toBe(2);
  });
});

test('pause and resume say of each queue what it is, and whether anybody knows it', async () => {
  await enqueue('mow', 1, 'mail');
  const isPaused = async () => (await client().queues()).find(({ name }) => name === 'mail')?.paused;
  const paused = await run(['pause', 'mail', 'mial']);
  expect(paused.output).toEqual(['mail  paused', 'mial  paused']);
  expect(paused.errors).toEqual(['taskwarden: nobody has used a queue "mial" yet: is that how it is spelt?']);
  expect(await isPaused()).toBe(true);
  expect((await run(['--json', 'resume', 'mail'])).output).toEqual(['{"name":"mail","paused":false}']);
  expect((await typeHere(['pause', 'a b', 'mail'], redis().url)).code).toBe(2);
  expect(await isPaused()).toBe(false);
});
