import { typeHere } from './type-here';
import { jsonOf, useReadingWorker } from './use-reading-worker';

const reading = useReadingWorker();

test('schedules lists what recurs, and when', async () => {
  await reading().client.schedules.add('hourly', 'greet', { every: '1h' });
  const { output, code } = await reading().type('schedules');
  expect(code).toBe(0);
  expect(output.map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
    ['SCHEDULE', 'TASK', 'WHEN', 'QUEUE', 'NEXT'],
    ['hourly', 'greet', 'every 1h', 'default', expect.stringMatching(/^in \d+[ms]/)],
    ['nightly', 'nightly', '30 4 * * * Europe/Berlin', 'default', expect.stringMatching(/^in \d+[hms]/)],
  ]);
  expect(jsonOf(await reading().type('schedules', '--json'))).toMatchObject([
    { name: 'hourly', everyMs: 3_600_000 },
    { name: 'nightly', cron: '30 4 * * *', declared: true },
  ]);
});

test('a schedule is paused, resumed and removed by its name', async () => {
  const { client, type } = reading();
  await client.schedules.add('daily', 'greet', { every: '1d' });
  expect((await type('schedules', 'pause', 'daily')).output).toEqual(['daily is paused']);
  expect(await client.schedules.get('daily')).toMatchObject({ paused: true });
  expect(await type('schedules', 'next', 'daily')).toMatchObject({
    code: 0,
    output: [],
    errors: ['taskwarden: it is paused'],
  });
  expect(jsonOf(await type('schedules', 'resume', 'daily', '--json'))).toEqual([{ name: 'daily', paused: false }]);
  expect(await client.schedules.get('daily')).toMatchObject({ paused: false });
  expect((await type('schedules', 'remove', 'daily')).output).toEqual(['daily is removed']);
  expect(await client.schedules.get('daily')).toBeUndefined();
});

test('the next times of a schedule are told', async () => {
  const { output } = await reading().type('schedules', 'next', 'nightly', '--count', '3');
  expect(output).toHaveLength(3);
  for (const line of output) expect(line).toMatch(/^20\d\d-\d\d-\d\dT0[23]:30:00\.000Z \(in \d+[hmd]\)$/);
  const times = jsonOf<{ nextMs: number }>(await reading().type('schedules', 'next', 'nightly', '--json'));
  expect(times).toEqual([
    { name: 'nightly', nextMs: (await reading().client.schedules.next('nightly'))[0]?.getTime() },
  ]);
});

test('who removes a schedule that a class declares is told that it comes back', async () => {
  const { errors, code } = await reading().type('schedules', 'remove', 'nightly');
  expect(code).toBe(0);
  expect(errors).toEqual(['taskwarden: its class declares it: it comes back when an app with the class starts']);
});

test.each([['pause'], ['resume'], ['remove'], ['next']])('schedules %s of none says so', async (verb) => {
  const { code, errors } = await typeHere(['schedules', verb, 'nope'], reading().url);
  expect(code).toBe(4);
  expect(errors).toEqual(['taskwarden: There is no schedule "nope": "taskwarden schedules" lists them.']);
});
