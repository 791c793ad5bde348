import { jsonOf, useReadingWorker } from './use-reading-worker';

const reading = useReadingWorker();

test('logs prints what a task has logged over its attempts, the oldest first', async () => {
  await (await reading().client.start('chat', {}, { id: 'chat-1' })).result({ timeout: '20s' });
  const { output, code } = await reading().type('logs', 'chat-1');
  expect(code).toBe(0);
  expect(output.map((line) => line.replace(/^20\d\d-\S+Z/, 'TIME'))).toEqual([
    // The escape code of a stranger does not reach the terminal.
    'TIME  INFO   attempt 1  hello \u{FFFD}[31m world  {"page":1}',
    'TIME  INFO   attempt 2  hello \u{FFFD}[31m world  {"page":1}',
    'TIME  WARN   attempt 2  goodbye',
  ]);
  expect(jsonOf(await reading().type('logs', 'chat-1', '-n', '1', '--json'))).toEqual([
    { timeMs: expect.any(Number), level: 'warn', message: 'goodbye', attempt: 2, fields: {} },
  ]);
});

test('logs of a task that has logged nothing is empty, and of one that is not there a mistake', async () => {
  await (await reading().client.start('greet', {}, { id: 'greet-1' })).result({ timeout: '20s' });
  expect(await reading().type('logs', 'greet-1')).toEqual({ code: 0, output: [], errors: [] });
  const { code, errors } = await reading().type('logs', 'nobody');
  expect(code).toBe(4);
  expect(errors.join('\n')).toContain('nobody');
});
