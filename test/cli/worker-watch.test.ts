import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { Project } from './project';
import { runCli, startCli } from './run-cli';

const redis = useServer(() => startRedis());
const answering = (answer: string) => `exports.answer = ${answer};`;
const project = Project.use({
  'answer.cjs': answering("'one'"),
  'tasks.mjs': `import { Task } from 'taskwarden';
import { answer } from './answer.cjs';
export class Ask {
  async start(task) {
    process.stderr.write('asked\\n');
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  }
}
Task('ask')(Ask);
export class Tell { start() { return answer; } }
Task('tell')(Tell);`,
});

const env = () => ({ REDIS_URL: redis().url });
const cwd = () => project().folder;
const work = () => startCli(['worker', 'tasks.mjs', '--watch'], { env: env(), cwd: cwd(), detached: true });
const tell = () => runCli(['start', 'tell', '--wait', '--timeout', '20s'], { env: env() });

test('worker --watch begins anew when a file that it has loaded changes, and goes on after a syntax error', async () => {
  const worker = await work();
  expect((await tell()).output).toEqual(['"one"']);

  project().write('answer.cjs', answering('…'));
  await worker.waitForLine(/SyntaxError/);
  project().write('answer.cjs', answering("'two'"));
  await worker.waitForLine('2 task classes', '10s', 2);
  expect((await tell()).output).toEqual(['"two"']);

  worker.kill('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(worker.lines.filter((line) => line.includes('Asked to leave'))).toHaveLength(2);
});

test('one Ctrl-C, which all processes of the terminal get, lets the runs of worker --watch end first', async () => {
  const worker = await work();
  await runCli(['start', 'ask', '--id', 'a'], { env: env() });
  await worker.waitForLine('asked');
  process.kill(-worker.pid, 'SIGINT');
  await worker.waitForLine('Leaving');
  expect(worker.isRunning).toBe(true);
  await runCli(['stop', 'a'], { env: env() });
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(worker.lines.join('\n')).not.toContain('SyntaxError');
});
