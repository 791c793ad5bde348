import { Task } from '../../src/decorators/task';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { useTestApps } from '../support/use-test-apps';

@Task('known')
class Known {
  start(): string {
    return 'done';
  }
}

@Task('rare')
class Rare {
  start(): string {
    return 'here';
  }
}

describe.each(PLACES)('a task whose name a worker does not know, on %s', (place) => {
  const stage = Stage.use(place);

  test('is handed back, and run by a worker that knows it', async () => {
    const { client } = await stage().app({ tasks: [Known] });
    const handle = await client.start('rare');
    await stage().untilLogged('not known here');
    await stage().app({ tasks: [Rare] });
    expect(await handle.result({ timeout: '10s' })).toBe('here');
  });

  test('ends as EXCEPTION at once where the timeout is 0, naming the task', async () => {
    const { client } = await stage().app({ tasks: [Known], worker: { unknownTaskTimeout: 0 } });
    const handle = await client.start('rare', {}, { id: 'a' });
    await expect(handle.result({ timeout: '5s' })).rejects.toMatchObject({
      state: 'EXCEPTION',
      output: expect.stringContaining('"rare"'),
    });
    // Its end is written first, and then it leaves the set.
    await eventually(async () => expect(await stage().active()).toEqual([]));
  });

  test('does not keep the worker from the tasks it knows', async () => {
    const { client } = await stage().app({ tasks: [Known], worker: { concurrency: 1 } });
    await client.start('rare', {}, { id: 'a' });
    await stage().untilLogged('not known here');
    expect(await (await client.start(Known)).result({ timeout: '5s' })).toBe('done');
    expect(await stage().record('a')).toMatchObject({ state: 'WAIT' });
  });
});

describe('a task that one worker of five knows', () => {
  const stage = Stage.use('redis');

  test('is run by that one, and does not end as EXCEPTION because the others were quicker', async () => {
    // Long beside a turn of an id among the five, also on a busy machine.
    const worker = { unknownTaskTimeout: '10s' };
    for (let other = 0; other < 4; other++) await stage().app({ tasks: [Known], worker });
    const { client } = await stage().app({ tasks: [Rare], worker });
    const handles = await Promise.all(Array.from({ length: 10 }, () => client.start(Rare)));
    const results = await Promise.allSettled(handles.map((handle) => handle.result({ timeout: '25s' })));
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
  });
});

describe('the time that other workers get for an unknown task', () => {
  const make = useTestApps();

  test('is the whole timeout, and then it ends as EXCEPTION that tells how long', async () => {
    const app = await make({ tasks: [Known], worker: { unknownTaskTimeout: '1m' } });
    const handle = await app.client.start('rare');
    await app.advance(59_000);
    expect(await handle.get()).toMatchObject({ state: 'WAIT' });
    await app.advance(2_000);
    expect(await handle.get()).toMatchObject({
      state: 'EXCEPTION',
      output: expect.stringMatching(/"rare".*60000 ms/),
    });
  });

  test('begins anew where the task is started again', async () => {
    const app = await make({ tasks: [Known], worker: { unknownTaskTimeout: '1m' } });
    const handle = await app.client.start('rare');
    await app.advance('61s');
    expect(await handle.restart()).toBe('done');
    await app.advance('59s');
    expect(await handle.get()).toMatchObject({ state: 'WAIT' });
    await app.advance('2s');
    expect(await handle.get()).toMatchObject({ state: 'EXCEPTION' });
  });
});
