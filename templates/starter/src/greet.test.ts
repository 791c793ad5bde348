import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type App, createApp, InputError } from 'taskwarden';
import { options } from './app';
import { Greet } from './greet.task';

let app: App;

before(async () => {
  app = await createApp({ ...options, store: 'memory', logger: false });
  await app.start();
});

after(() => app.close());

test('whoever has a name is greeted by it', async () => {
  const handle = await app.client.start(Greet, { name: 'Ada' });
  assert.equal(await handle.result({ timeout: '10s' }), 'Hello, Ada!');
});

test('an input that is not valid is refused where it is given', async () => {
  await assert.rejects(app.client.start(Greet, { name: '' }), InputError);
});
