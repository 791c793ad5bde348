import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import type { GuardedProcess } from '../support/guarded-process';
import { openTerminal } from './terminal';
import { jsonOf, useReadingWorker } from './use-reading-worker';

const reading = useReadingWorker();

beforeAll(async () => {
  const { client } = reading();
  await client.start('greet', {}, { id: 'later', delay: '1h', queue: 'mail' });
  await client.start('stay', {}, { id: 'stay-1' });
  await client.start('greet', {}, { queue: 'nobody-takes-from' });
  await eventually(async () => expect(await client.get('stay-1')).toMatchObject({ state: 'RUNNING' }));
});

/** Starts a task a few times a second, until it is called again. */
async function whileTasksRun<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const starting = (async () => {
    while (!over) await (await reading().client.start('greet')).result({ timeout: '20s' });
  })();
  try {
    return await work();
  } finally {
    over = true;
    await starting;
  }
}

function live(...args: readonly string[]): Promise<GuardedProcess> {
  return runScript('build/src/cli/main.js', { args: ['stats', '--redis', reading().url, ...args] });
}

test('stats tells all places together, and each queue', async () => {
  const { output, code } = await reading().type('stats');
  expect(code).toBe(0);
  expect(output[0]).toMatch(/^WAITING +DELAYED +ACTIVE +ENDED +WORKERS$/);
  expect(output[1]).toMatch(/^ +1 +1 +\d+ +0 +1$/);
  expect(output.slice(3).map((line) => line.trim().split(/ +/))).toEqual([
    ['QUEUE', 'WAITING', 'DELAYED', 'OLDEST', 'WORKERS', 'STATE'],
    ['default', '0', '0', '-', '1', 'open'],
    ['mail', '0', '1', '-', '1', 'open'],
    ['nobody-takes-from', '1', '0', expect.stringMatching(/^\d+m?s$/), '0', 'open'],
  ]);
  expect(jsonOf(await reading().type('stats', '--json'))).toMatchObject([
    { waiting: 1, delayed: 1, workers: 1, overdueWorkers: 0, queues: [{ name: 'default' }, {}, {}] },
  ]);
});

test('without a terminal stats --live prints a line each interval, with rates, until it is interrupted', async () => {
  const command = await live('--interval', '500ms', '--json');
  await whileTasksRun(() => command.waitForLine(/"endsPerSecond":[1-9]/, 20_000));
  command.kill('SIGINT');
  expect((await command.exited).code).toBe(130);
  expect(command.stderrLines).toEqual([]);
  const told = command.stdoutLines.map((line) => JSON.parse(line));
  expect(told.at(-1)).toMatchObject({ startsPerSecond: expect.any(Number), failuresPerSecond: 0, delayed: 1 });
});

test('what fails is told in a line for people as well', async () => {
  const command = await live('--live');
  await command.waitForLine(/ starts\/s=\S+ ends\/s=/, 20_000);
  await reading().client.start('fail');
  await command.waitForLine(/ failures\/s=(?!0$)/, 20_000);
  command.kill('SIGTERM');
  expect((await command.exited).code).toBe(143);
});

test('on a terminal stats --live draws over what it drew, and gives the cursor back', async () => {
  const { terminal, pid } = await openTerminal(['stats', '--live', '--interval', '200ms', '--redis', reading().url], {
    env: { NO_COLOR: '1' },
  });
  await terminal.waitForLine(/WAITING.*STARTS\/S/, 20_000, 3);
  process.kill(pid, 'SIGINT');
  expect((await terminal.exited).code).toBe(130);
  const drawn = terminal.lines.join('\n');
  expect(drawn).toContain('\x1b[?25l');
  // Nine lines up, and what stands below is wiped away.
  expect(drawn).toContain('\x1b[9A\x1b[0J');
  expect(drawn.lastIndexOf('\x1b[?25h')).toBeGreaterThan(drawn.lastIndexOf('Ctrl-C ends it'));
});

test('an interval that would be a burden is refused', async () => {
  const { code, errors } = await reading().type('stats', '--interval', '5ms');
  expect(code).toBe(2);
  expect(errors.join('\n')).toContain('shorter than 100ms');
});
