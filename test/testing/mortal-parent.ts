import { WorkerProcess } from '../../src/testing';

/** Starts a worker of its own, says where, and waits to be killed. */
async function main(): Promise<void> {
  const worker = await WorkerProcess.start('test/support/echo-signals.ts', {
    nodeArgs: ['--require', './test/support/register-typescript.cjs'],
    readyLine: 'ready',
  });
  console.log(`worker ${worker.pid}`);
}

void main();
