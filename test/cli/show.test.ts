import { eventually } from '../support/eventually';
import { jsonOf, useReadingWorker } from './use-reading-worker';

const reading = useReadingWorker();

/** Of the lines with a title before them: title -> what it says. */
const factsOf = (output: readonly string[]) =>
  Object.fromEntries(output.slice(0, output.indexOf('')).map((line) => line.split(/ {2,}(.*)/)));

test('show tells of an ended task its output, its errors and its times', async () => {
  const task = await reading().client.start('fail', { page: 1 }, { id: 'fail-1' });
  await expect(task.result({ timeout: '20s' })).rejects.toThrow('is on fire');
  const { output, code } = await reading().type('show', 'fail-1');
  expect(code).toBe(0);
  expect(factsOf(output)).toMatchObject({
    ID: 'fail-1',
    TASK: 'fail',
    STATE: 'ERROR',
    WHERE: expect.stringMatching(/^ended .* ago, and is there until its retention has passed$/),
    QUEUE: 'default, priority 5',
    ATTEMPT: '3; 2 failed and were retried',
    WORKER: expect.stringContaining(`-${reading().worker.pid}-`),
    CREATED: expect.stringMatching(/^20\d\d-.*Z \(.* ago\)$/),
    ENDED: expect.stringMatching(/Z \(.* ago\)$/),
  });
  expect(output.slice(output.indexOf('INPUT'))).toEqual([
    'INPUT',
    '  {',
    '    "page": 1',
    '  }',
    '',
    'OUTPUT',
    // The escape code of a stranger does not reach the terminal.
    '  the printer\u{FFFD}[31m is on fire',
    '',
    'ERROR 1 of the last 2',
    '  the printer\u{FFFD}[31m is on fire',
    '',
    'ERROR 2 of the last 2',
    '  the printer\u{FFFD}[31m is on fire',
  ]);
});

test('show tells of a running task who runs it, and how far it is', async () => {
  await reading().client.start('stay', {}, { id: 'stay-1' });
  await eventually(async () =>
    expect(await reading().client.get('stay-1')).toMatchObject({ progress: expect.anything() }),
  );
  const { output } = await reading().type('show', 'stay-1');
  expect(factsOf(output).WHERE).toMatch(
    new RegExp(`^runs on .*-${reading().worker.pid}-.*, last sign of life .* ago$`),
  );
  expect(output.join('\n')).toContain('PROGRESS\n  {\n    "percent": 50\n  }');
});

test('show tells of a waiting task what it waits for', async () => {
  const { client, type } = reading();
  await client.start('greet', {}, { id: 'later', delay: '1h', deadline: '2h', priority: 3 });
  await client.start('greet', {}, { id: 'unheard', queue: 'nobody-takes-from' });
  await client.queue('mail').pause();
  await client.start('greet', {}, { id: 'paused', queue: 'mail' });
  expect(factsOf((await type('show', 'later')).output)).toMatchObject({
    WHERE: expect.stringMatching(/^waits for its time, in \d+m$/),
    QUEUE: 'default, priority 3',
    DUE: expect.stringMatching(/\(in \d+m\)$/),
    DEADLINE: expect.stringMatching(/\(in \dh\)$/),
  });
  const where = async (id: string) => factsOf((await type('show', id)).output).WHERE;
  expect(await where('unheard')).toBe(
    'waits to be taken, one of 1 in the queue nobody-takes-from, from which no worker takes',
  );
  expect(await where('paused')).toBe('waits to be taken, one of 1 in the queue mail, which is paused');
});

test('show tells the record with --json', async () => {
  await (await reading().client.start('greet', {}, { id: 'greet-1' })).result({ timeout: '20s' });
  const record = JSON.parse(JSON.stringify(await reading().client.get('greet-1')));
  expect(jsonOf(await reading().type('show', 'greet-1', '--json'))).toEqual([record]);
});

test('show of no task says so, with an exit code of its own', async () => {
  const { code, output, errors } = await reading().type('show', 'gone');
  expect([code, output]).toEqual([4, []]);
  expect(errors).toEqual([expect.stringMatching(/^taskwarden: Task "gone" does not exist/)]);
});
