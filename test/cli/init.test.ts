import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { Project } from './project';
import { runCli, startCli } from './run-cli';
import { runInTerminal } from './terminal';

const ROOT = resolve(__dirname, '../..');
const manifestOf = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const project = Project.use();
const init = (...args: string[]) => runCli(['init', ...args], { cwd: project().folder });

describe('a project that init has made', () => {
  const folder = () => project().path('My Tasks');
  /** With the packages of the project around it. */
  const npm = async (...args: string[]) => {
    const ran = await GuardedProcess.start('npm', ['run', '--silent', ...args], { cwd: folder() });
    expect((await ran.exited).code).toBe(0);
    return ran.stdoutLines;
  };

  beforeAll(async () => {
    const { code, output, errors } = await init('My Tasks');
    expect(output).toEqual(
      readdirSync(folder(), { recursive: true })
        .filter((name) => name !== 'src')
        .sort(),
    );
    expect(errors.join('\n')).toContain("Next: cd 'My Tasks', then npm install");
    expect(code).toBe(0);
  });

  test('is named after its folder, and asks for this version', () => {
    const { name, dependencies } = manifestOf(join(folder(), 'package.json'));
    const { version } = manifestOf(join(ROOT, 'package.json'));
    expect([name, dependencies.taskwarden]).toEqual(['my-tasks', `^${version}`]);
    expect(readFileSync(join(folder(), 'README.md'), 'utf8')).toMatch(/^# my-tasks\n/);
  });

  test('asks for the versions of other packages that taskwarden itself is built with', () => {
    const ours = manifestOf(join(ROOT, 'package.json'));
    const { taskwarden: _, ...others } = manifestOf(join(folder(), 'package.json')).dependencies;
    expect(ours.dependencies).toMatchObject(others);
    expect(ours.devDependencies).toMatchObject(manifestOf(join(folder(), 'package.json')).devDependencies);
  });

  test('is compiled, its test passes, and it runs without Redis', async () => {
    expect((await npm('test')).join('\n')).toMatch(/# pass 2\n# fail 0/);
    expect(await npm('try', '--', 'Ada')).toEqual(['Hello, Ada!']);
  });

  test('has a worker that runs its task on Redis', async () => {
    const redis = await startRedis();
    await npm('build');
    const env = { REDIS_URL: redis.url };
    const worker = await startCli(['worker', 'build/app.js'], { env, cwd: folder() });
    const input = '{"name": "Ada", "times": 3}';
    const { output } = await runCli(['start', 'greet', '--input', input, '--wait', '--timeout', '20s'], { env });
    expect(output).toEqual(['"Hello, Ada!"']);
    worker.kill('SIGTERM');
    expect((await worker.exited).code).toBe(0);
  });
});

test('a folder that is not empty is refused, and left as it is', async () => {
  project().write('full/notes.txt', 'mine');
  const { code, errors } = await init('full');
  expect(errors.join('\n')).toMatch(
    /full is not empty \(it has notes\.txt, for one\): give the name of a new or an empty/,
  );
  expect(code).toBe(2);
  expect(readdirSync(project().path('full'))).toEqual(['notes.txt']);
  expect((await init('full/notes.txt')).errors.join('\n')).toContain('notes.txt is no folder');
});

test('a folder that cannot be made is told, without a stack', async () => {
  project().write('file', '');
  const { code, errors } = await init('file/below');
  expect(errors).toEqual([expect.stringMatching(/^taskwarden: .*below cannot be written: ENOTDIR/)]);
  expect(code).toBe(2);
});

test('a repository that has nothing in it yet is as good as an empty folder', async () => {
  project().write('cloned/.git/HEAD', '');
  expect((await init('cloned', '--json')).output).toHaveLength(1);
});

test('on a terminal it asks first, but for --yes', async () => {
  const cwd = project().folder;
  const [no, unasked] = await Promise.all([
    runInTerminal(['init', 'asked'], { cwd, input: 'n\n' }),
    runInTerminal(['init', 'unasked', '--yes'], { cwd }),
  ]);
  expect(no.output).toContain('Make the project "asked" in');
  expect(no.code).toBe(2);
  expect(readdirSync(cwd)).not.toContain('asked');
  expect((await runInTerminal(['init', 'asked'], { cwd, input: 'y\n' })).code).toBe(0);
  expect(unasked.code).toBe(0);
  expect(readdirSync(join(cwd, 'unasked'))).toContain('package.json');
});
