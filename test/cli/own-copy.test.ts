import { cpSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { TASK_CJS } from './modules';
import { Project } from './project';
import { runCli, startCli } from './run-cli';

const ROOT = resolve(__dirname, '../..');
const redis = useServer(() => startRedis());

/** A project with a copy of taskwarden of its own, as `npm install` makes it beside a command that is installed globally. */
function projectWithCopy(): Project {
  const project = Project.bare({
    'tasks.cjs': `${TASK_CJS}console.error('loaded', require.resolve('taskwarden'));`,
    'node_modules/taskwarden/CHANGELOG.md': '',
  });
  project.linkPackages();
  for (const part of ['build', 'package.json'])
    cpSync(`${ROOT}/${part}`, project.path(`node_modules/taskwarden/${part}`), { recursive: true });
  return project;
}

test('a module that has a taskwarden of its own is run by that one, whose command line takes over', async () => {
  const project = projectWithCopy();
  try {
    const options = { env: { REDIS_URL: redis().url }, cwd: project.folder };
    const worker = await startCli(['worker', 'tasks.cjs'], options);
    const { output } = await runCli(['start', 'ping', '--app', 'tasks.cjs', '--wait', '--timeout', '20s'], options);
    expect(output).toEqual(['"pong"']);
    const own = realpathSync(project.path('node_modules/taskwarden'));
    expect(worker.stderrLines).toContain(`loaded ${own}/build/src/index.js`);
    worker.kill('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
  } finally {
    project.remove();
  }
});

test('a taskwarden that has no command line yet is to be updated', async () => {
  const project = Project.bare({
    'tasks.cjs': TASK_CJS,
    'node_modules/taskwarden/package.json': '{"name": "taskwarden", "version": "0.0.1"}',
  });
  try {
    const { code, errors } = await runCli(['worker', 'tasks.cjs'], { cwd: project.folder });
    expect(errors.join('\n')).toMatch(
      /tasks\.cjs uses taskwarden 0\.0\.1 in .*, which has no command line: update it there/,
    );
    expect(code).toBe(2);
  } finally {
    project.remove();
  }
});
