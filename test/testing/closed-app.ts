import { createTestApp } from '../../src/testing';
import { Flaky, Stay } from './test-app-tasks';

/** Makes a test app, has tasks run in it, and closes it: the process ends by itself if nothing is left of it. */
async function main(): Promise<void> {
  const app = await createTestApp({ tasks: [Stay, Flaky] });
  for (const task of [Stay, Flaky]) await app.client.start(task);
  await app.drain();
  await app.close();
  await app.close();
  console.log(`closed, ${app.clock.timerCount} timers`);
}

void main();
