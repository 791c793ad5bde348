import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from 'taskwarden';
import { runTask } from 'taskwarden/testing';
import { Greet } from './greet.task';
import { Greetings } from './greetings';

const greetings: Greetings = { for: (name) => `Good morning, ${name}.` };
const provide = [[Greetings, greetings]] as const;

test('whoever has a name is greeted by it, as often as was asked for', async () => {
  const { output, events } = await runTask(Greet, { name: 'Ada', times: 2 }, { provide });
  assert.equal(output, 'Good morning, Ada.');
  assert.deepEqual(
    events.map(({ event, data }) => [event, data]),
    [
      ['greeted', { name: 'Ada', greeted: 1 }],
      ['greeted', { name: 'Ada', greeted: 2 }],
    ],
  );
});

test('an input that is not valid is refused', async () => {
  await assert.rejects(runTask(Greet, { name: '' }, { provide }), InputError);
});
