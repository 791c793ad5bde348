import type { TaskRecord } from '../../src';
import { eventually } from '../support/eventually';
import { typeHere } from './type-here';
import { jsonOf, useReadingWorker } from './use-reading-worker';

const reading = useReadingWorker();

const idsOf = (records: readonly Partial<TaskRecord>[]) => records.map(({ id }) => id).sort();

beforeAll(async () => {
  const { client } = reading();
  for (const id of ['greet-1', 'greet-2']) await (await client.start('greet', {}, { id })).result({ timeout: '20s' });
  await client.start('stay', {}, { id: 'stay-1', queue: 'mail' });
  await client.start('greet', {}, { id: 'later', delay: '1h' });
  const failed = await client.start('fail', {}, { id: 'fail-1' });
  await expect(failed.result({ timeout: '20s' })).rejects.toThrow('is on fire');
  await eventually(async () => expect(await client.get('stay-1')).toMatchObject({ state: 'RUNNING' }));
});

test('ls lists the tasks as a table, one a line, without what is the worker’s own', async () => {
  const { output, code } = await reading().type('ls');
  expect(code).toBe(0);
  expect(output[0]).toMatch(/^ID +TASK +STATE +QUEUE +ATTEMPT +AGE +WORKER$/);
  expect(
    output
      .slice(1)
      .map((line) => line.split(/ +/).slice(0, 5))
      .sort(),
  ).toEqual([
    ['fail-1', 'fail', 'ERROR', 'default', '3'],
    ['greet-1', 'greet', 'SUCCESS', 'default', '1'],
    ['greet-2', 'greet', 'SUCCESS', 'default', '1'],
    ['later', 'greet', 'WAIT', 'default', '0'],
    ['stay-1', 'stay', 'RUNNING', 'mail', '1'],
  ]);
  const stay = output.find((line) => line.startsWith('stay-1'));
  expect(stay).toContain(`-${reading().worker.pid}-`);
});

test('ls tells with --json a record a line, of the tasks that match all flags', async () => {
  const failed = await reading().type('ls', '--json', '--state', 'error,exception');
  expect(jsonOf(failed)).toMatchObject([{ id: 'fail-1', state: 'ERROR', failures: 2 }]);
  expect(idsOf(jsonOf(await reading().type('ls', '--json', '--task', 'greet', '--state', 'WAIT,SUCCESS')))).toEqual([
    'greet-1',
    'greet-2',
    'later',
  ]);
  expect(idsOf(jsonOf(await reading().type('ls', '--json', '--queue', 'mail')))).toEqual(['stay-1']);
});

test('ls goes by the age', async () => {
  expect((await reading().type('ls', '--older-than', '1h')).output).toEqual(['no task matches']);
  expect(jsonOf(await reading().type('ls', '--younger-than', '1h', '--json'))).toHaveLength(5);
});

test('ls stops at its limit, and says so beside the answer', async () => {
  const some = await reading().type('ls', '--limit', '2', '--json');
  expect(some.output).toHaveLength(2);
  expect(some.errors).toEqual(['taskwarden: more tasks match than these 2: --all lists them all, --count counts them']);
  const all = await reading().type('ls', '--limit', '5', '--json');
  expect(all.output).toHaveLength(5);
  expect(all.errors).toEqual([]);
});

test('ls counts where only that is asked', async () => {
  expect((await reading().type('ls', '--count')).output).toEqual(['5']);
  expect(jsonOf(await reading().type('ls', '--count', '--task', 'greet', '--json'))).toEqual([{ count: 3 }]);
});

test.each([
  [['--state', 'BUSY'], /no state "BUSY": known are: WAIT, RUNNING/],
  [['--older-than', 'soon'], /--older-than <duration>.*write it as 500ms, 30s/],
  [['--limit', '-1'], /-n, --limit <count>.*whole one, 0 or more/],
  [['--queue', 'a b'], /queue of the filter is "a b".*such as 'mail'/],
])('ls refuses %j with what to write instead', async (args, message) => {
  const { code, output, errors } = await typeHere(['ls', ...args], reading().url);
  expect(code).toBe(2);
  expect(output).toEqual([]);
  expect(errors.join('\n')).toMatch(message);
});
