// Tasks found by a filter, and stopped, restarted or removed all at once. node build/examples/bulk-control.js
import { IsInt } from 'class-validator';
import { type BulkControlError, createApp, Input, Task, TaskError } from 'taskwarden';

class ResizeInput {
  @IsInt() image!: number;
}

let diskIsFull = true;

// A name of this process's own: another's tasks of the same Redis are none of its business.
@Task(`resize-${process.pid}`)
class Resize {
  start(@Input() { image }: ResizeInput): number {
    if (diskIsFull && image % 2 === 1) throw new TaskError(`no room for image ${image}`);
    return image;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Resize], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { client } = app;
  const images = Array.from({ length: 8 }, (_, image) => ({ image }));
  const ids: string[] = [];
  await client.startMany(Resize, images, { onStarted: ({ id }) => void ids.push(id) });
  await Promise.allSettled(ids.map((id) => client.result(id)));

  const failed = [];
  for await (const task of client.list({ task: Resize, state: 'ERROR', youngerThan: '1h' })) failed.push(task.output);
  console.log(`Failed: ${failed.sort().join(', ')}`);

  diskIsFull = false;
  const restarted = await client.restartMany({ task: Resize, state: ['ERROR', 'EXCEPTION'] });
  console.log(`Restarted: ${restarted.done} of ${restarted.matched}`);
  await Promise.all(ids.map((id) => client.result(id)));

  // What ends it early tells how far it came.
  const signal = AbortSignal.abort(new Error('not today'));
  await client.removeMany({ task: Resize }, { signal }).catch(({ report, cause }: BulkControlError) => {
    console.log(`Ended early: ${report.done} removed, ${cause}`);
  });
  let steps = 0;
  const removed = await client.removeMany({ task: Resize, state: 'SUCCESS' }, { onProgress: () => void steps++ });
  console.log(`Removed: ${removed.done}, progress was told: ${steps > 0}`);
  await app.close();
}

void main();
