import type { WorkerRecord } from '../../src';
import { eventually } from '../support/eventually';
import { jsonOf, useReadingWorker } from './use-reading-worker';

// Long enough for a busy machine not to take it for silent, while it is not.
const reading = useReadingWorker(3_000);

test('workers tells who takes from where, and how much each runs', async () => {
  const { client, worker, type } = reading();
  await client.start('stay', {}, { id: 'stay-1', queue: 'mail' });
  await eventually(async () => expect(await client.get('stay-1')).toMatchObject({ state: 'RUNNING' }));
  const { output, code } = await type('workers');
  expect(code).toBe(0);
  expect(output).toHaveLength(2);
  expect(output[0]).toMatch(/^WORKER +QUEUES +RUNNING +TAKEN +SEEN +STATE$/);
  expect(output[1]).toMatch(new RegExp(`^\\S+-${worker.pid}-\\S+ +default,mail +1 +0 +\\d+m?s +alive$`));
  expect(jsonOf(await type('workers', '--json'))).toMatchObject([
    { queues: ['default', 'mail'], running: 1, taken: 0, overdue: false, seenMs: expect.any(Number) },
  ]);
});

test('workers tells one that stands still as overdue', async () => {
  const { client, worker, type } = reading();
  worker.kill('SIGSTOP');
  try {
    const ids = await eventually(async () => {
      const overdue = (await client.workers()).filter((one: WorkerRecord) => one.overdue);
      expect(overdue).toHaveLength(1);
      return overdue.map(({ id }) => id);
    }, 20_000);
    const { output } = await type('workers');
    expect(output.find((line) => line.startsWith(ids[0] as string))).toMatch(/overdue \d+m?s$/);
  } finally {
    worker.kill('SIGCONT');
  }
});

test('a worker that has left is told no more', async () => {
  const { worker, type } = reading();
  worker.kill('SIGTERM');
  await worker.exited;
  expect((await type('workers')).output).toEqual(['no worker takes tasks']);
});
