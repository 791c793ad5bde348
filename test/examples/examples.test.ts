import { dirname, resolve } from 'node:path';
import { runScript } from '../support/child-process';
import { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { runExample } from './run-example';

const PRINTED: Readonly<Record<string, readonly string[]>> = {
  'hello-world': ['Hello, world!'],
  'validated-input': [
    'Shipped: 2 parcels to Graz in 3 days',
    'Refused when enqueued, with 3 violations:',
    '  address.zip: must match /^\\d{4}$/ regular expression',
    '  parcels.1.grams: must not be greater than 30000',
    '  days: must not be less than 1',
    'Refused by the worker, as EXCEPTION: The input of task "ship" is not valid:',
    '  adress: unknown property',
    '  address: should not be null or undefined',
    '  parcels: should not be empty',
  ],
  'injected-services': ['Before sell', 'Sold for 1.20 EUR', 'The price list is disposed'],
  'events-and-listeners': [
    'hook: baked {"cake":1}',
    'hook: baked {"cake":2}',
    'listener: bake:start',
    'listener: bake:baked',
    'listener: bake:baked',
    'listener: bake:success',
    'watcher: start',
    'watcher: baked',
    'watcher: baked',
    'watcher: success',
  ],
  'long-running': [
    'progress "the door is shut"',
    'reload-rejected {"violations":[{"path":"place","message":"must be one of the following values: door, window"}]}',
    'Leaving: reloaded',
    'reload null',
    'progress "the window is shut"',
    'Leaving: stopped',
    'stop null',
    'State: STOPPED',
  ],
  results: [
    'Root of 9: 3.0',
    'Once more, by its id: {"root":3}',
    'Root of -1: ERROR, -1 has no root',
    'Root of 13: EXCEPTION, RangeError: this number is not supported',
    'Sleep: no end within 100 ms',
  ],
  retries: [
    'Failed 1 times, again in 20 ms',
    'Failed 2 times, again in 40 ms',
    'Upload: uploaded',
    'Its errors: Error: the server is busy (1), Error: the server is busy (2)',
    'Find: there is no such file',
    'Poll: ready at the 4th look',
  ],
  logging: [
    '1 info Fetching {"url":"http://localhost/orders"}',
    '1 warn No answer {"afterMs":20}',
    '2 info Fetching {"url":"http://localhost/orders"}',
    '2 info Stored {"orders":3}',
    'The last line: Stored',
  ],
  delays: ['WAIT, due in 7 days', 'Cancelled: done', 'at its time', 'after 100 ms', 'next week, but sooner'],
  'unique-tasks': [
    'New: true, false, true; the same task: true',
    'acme synced: the newest',
    'New after its end: true. acme synced: later',
    'Started: 1, duplicates: 4. all synced: change 5',
  ],
  limits: [
    'At a time: big 1, small 1',
    'The small one was among the first three: true',
    'Six calls took at least 180 ms: true',
  ],
  monitoring: [
    'Live: 200',
    'taskwarden_runs_ended_total{task="root",outcome="success"} 2',
    'taskwarden_runs_ended_total{task="root",outcome="error"} 1',
    'Observed: root success, root success, root error',
  ],
  schedules: [
    'often: a report of the last second',
    'often: a report of the last second',
    'morning: report at 0 9 * * 1-5, paused, declared',
    'night: report at 30 2 * * *',
    'Next: 02:30',
    'Removed: true, next: 0',
  ],
  queues: [
    'mail 1',
    'Reports: 1 waiting, paused, 0 ran',
    'report 1',
    'Drained: 3',
    'report 5',
    'Reports that ran: 2',
    'default, mail, reports',
  ],
  priorities: ['Waiting: 5', 'fire, for a guest who waits, usual, fire drill, a night job'],
  deadlines: [
    'Quote: EXCEPTION, retried: true, Error: the market is closed',
    'Talks: Task "talks" did not end before its deadline',

    'In time: true',
  ],
  'many-tasks': [
    'Started: 2000',
    'Started: 1, refused: 1',
    '  input 1: INPUT_INVALID',
    'Result: 9',
    'Ended early: 0 started, next is input 0',
  ],
  'bulk-control': [
    'Failed: no room for image 1, no room for image 3, no room for image 5, no room for image 7',
    'Restarted: 4 of 4',
    'Ended early: 0 removed, Error: not today',
    'Removed: 8, progress was told: true',
  ],
  'surviving-crashes': [
    'take#1 after: booked 250 cents in attempt 1',
    'open#1 before: booked 250 cents in attempt 1',
    'open#1 after: booked 250 cents in attempt 2',
    'finish#1 before: booked 250 cents in attempt 2',
    'finish#1 after: booked 250 cents in attempt 1',
  ],
  traces: [
    'POST /orders',
    '  publish order',
    '    process order: retried',
    '      charge the card',
    '    process order: ended, linked to the attempt before',
    '      charge the card',
    '      publish mail',
    '        process mail: ended',
    'Traces: 1',
  ],
  testing: [
    'Alone: SUCCESS, reminded at attempt 1, sent to a@example.com',
    'Enqueued: remind for b@example.com in 120 minutes',
    '14:00 start',
    '14:00 retry',
    '14:10 start',
    '14:10 retry',
    '14:30 start',
    '14:30 exception',
    'Thrown: Error: the mail server is busy, Error: the mail server is busy, Error: the mail server is busy',
  ],
  'local-tasks': [
    'Pulse: a local task, in no queue: true',
    'Archived: order SUCCESS "tea for two"',
    'Running: pulse',
    'Pulse: ends with the app, shutting-down',
  ],
};

/** What they print tells of short times: they have the machine for themselves. */
const HURRIED: ReadonlySet<string> = new Set(['deadlines', 'delays', 'limits', 'schedules', 'unique-tasks']);
const hurried = Object.entries(PRINTED).filter(([name]) => HURRIED.has(name));
const others = Object.entries(PRINTED).filter(([name]) => !HURRIED.has(name));

describe.each(['the embedded store', 'a Redis'])('an example, on %s,', (place) => {
  async function expectPrinted(name: string, printed: readonly string[]): Promise<void> {
    // One of its own: they all use the same names.
    const redis = place === 'a Redis' ? await startRedis() : undefined;
    try {
      const { code, output } = await runExample(name, redis?.url);
      expect({ code, output }).toEqual({ code: 0, output: printed });
    } finally {
      await redis?.stop();
    }
  }

  test.concurrent.each(others)('%s, prints what it shows, and ends by itself', expectPrinted);
  test.each(hurried)('%s, prints what it shows, and ends by itself', expectPrinted);
});

describe('the plain-Redis producer', () => {
  const redis = useServer(() => startRedis());
  const env = () => ({ ...process.env, REDIS_URL: redis().url });

  test('starts a task and watches it with redis-cli alone', async () => {
    const worker = await runScript('build/examples/plain-redis-worker.js', { env: { REDIS_URL: redis().url } });
    await worker.waitForLine('Takes tasks');
    const producer = await runProducer(env());
    const { code } = await producer.exited;
    // The background watcher and the two commands print side by side.
    const events = producer.stdoutLines.filter((line) => line.startsWith('{'));
    expect(code).toBe(0);
    expect(events.map((line) => JSON.parse(line).event)).toEqual(['start', 'counted', 'counted', 'success']);
    expect(producer.stdoutLines.at(-1)).toBe('output: "2 sheep"');
    worker.kill('SIGINT');
    await expect(worker.exited).resolves.toEqual({ code: 0, signal: null });
  });

  test('says so and ends where no Redis answers', async () => {
    const producer = await runProducer({ ...process.env, REDIS_URL: 'redis://127.0.0.1:1' });
    await expect(producer.exited).resolves.toEqual({ code: 1, signal: null });
    expect(producer.stderrLines.join()).toContain('Connection refused');
  });
});

/** Where REDIS_SERVER names a server of one's own, its redis-cli is beside it. */
function runProducer(env: NodeJS.ProcessEnv): Promise<GuardedProcess> {
  const PATH = [dirname(env.REDIS_SERVER ?? ''), env.PATH].join(':');
  const script = resolve(__dirname, '../../examples/plain-redis-producer.sh');
  return GuardedProcess.start('sh', [script], { env: { ...env, PATH } });
}
