import { resolve } from 'node:path';
import { LineMissingError } from '../../src/errors';
import { WorkerProcess, type WorkerProcessOptions } from '../../src/testing';
import { runningProcesses } from '../../src/testing/guarded-child';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';

const TYPESCRIPT: WorkerProcessOptions = {
  cwd: resolve(__dirname, '../..'),
  nodeArgs: ['--require', './test/support/register-typescript.cjs'],
};
const ECHO = 'test/support/echo-signals.ts';

const started: WorkerProcess[] = [];

async function start(options: WorkerProcessOptions = {}): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start(ECHO, { ...TYPESCRIPT, readyLine: 'ready', ...options });
  started.push(worker);
  return worker;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.crash()));
});

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a worker process', () => {
  test('gets arguments and variables, is ready when it says so, and hears real signals', async () => {
    const worker = await start({ args: ['hello'], env: { ECHO_COLOR: 'green' } });
    expect(worker.lines).toEqual(['ready hello green']);
    worker.kill('SIGUSR2');
    await worker.waitForLine(/^got SIGUSR2$/);
    worker.kill('SIGTERM');
    await expect(worker.exited).resolves.toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('that crashes is killed, also when it is paused', async () => {
    const worker = await start();
    worker.pause();
    await expect(worker.crash()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect([worker.isRunning, exists(worker.pid)]).toEqual([false, false]);
  });

  test('that is paused does nothing until it is resumed', async () => {
    const worker = await start();
    worker.pause();
    worker.kill('SIGUSR2');
    await expect(worker.waitForLine('got SIGUSR2', 50)).rejects.toThrow(LineMissingError);
    worker.resume();
    await worker.waitForLine('got SIGUSR2');
  });

  test('that is not ready in time is killed', async () => {
    const starting = start({ readyLine: 'never', readyTimeout: '20ms' });
    await expect(starting).rejects.toThrow('no line never came within 20 ms');
    expect(runningProcesses.size).toBe(0);
  });

  test('that ends before it is ready is an error at once', async () => {
    await expect(WorkerProcess.start('no-such-script.js', { readyLine: 'ready' })).rejects.toMatchObject({
      code: 'LINE_MISSING',
      message: expect.stringContaining('Cannot find module'),
    });
  });

  test('does not outlive a parent that is killed', async () => {
    const parent = await runScript('test/testing/mortal-parent.ts');
    const [, pid = NaN] = (await parent.waitForLine('worker ')).split(' ');
    expect(exists(Number(pid))).toBe(true);
    await parent.stop();
    await eventually(() => expect(exists(Number(pid))).toBe(false));
  });
});
