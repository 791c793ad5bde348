import { IsInt } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Schedule } from '../../src/decorators/schedule';
import { Task } from '../../src/decorators/task';
import { ConfigurationError, InputError } from '../../src/errors';
import { PLACES, Stage } from '../app/stage';

@Task('yearly')
@Schedule({ cron: '0 0 1 1 *' })
class Yearly {
  start(): void {}
}

class CountInput {
  @IsInt() count!: number;
}

@Task('count')
class Count {
  start(@Input(CountInput) { count }: CountInput): number {
    return count;
  }
}

describe.each(PLACES)('client.schedules, on %s', (place) => {
  const stage = Stage.use(place);
  const schedules = async () => (await stage().make({ tasks: [Count], worker: false })).client.schedules;

  test('adds, lists and changes', async () => {
    const client = await schedules();
    await client.add('nightly', Count, { cron: '0 3 * * *', tz: 'Europe/Vienna', input: { count: 3 } });
    await client.add('often', 'foreign', { every: '30s', overlap: 'queue', catchUp: false, input: { any: 'thing' } });
    const [nightly, often] = await client.list();
    expect(nightly).toMatchObject({
      name: 'nightly',
      task: 'count',
      data: '{"count":3}',
      declared: false,
      paused: false,
    });
    expect(new Date(nightly?.nextMs as number).toISOString()).toMatch(/T0[12]:00:00.000Z$/);
    expect(often).toMatchObject({ name: 'often', task: 'foreign', data: '{"any":"thing"}', everyMs: 30_000 });
    await client.add('often', 'foreign', { every: '1m' });
    expect(await client.get('often')).toMatchObject({ everyMs: 60_000, data: '{}', overlap: 'skip', catchUp: 'last' });
  });

  test('refuses the name of a schedule that a class declares, here or in another app', async () => {
    const app = await stage().make({ tasks: [Yearly] });
    const message = /the class of task "yearly" declares a schedule of this name.*choose another name/;
    await expect(app.client.schedules.add('yearly', 'foreign', { every: '30s' })).rejects.toThrow(message);
    await app.start();
    await expect((await schedules()).add('yearly', 'foreign', { every: '30s' })).rejects.toThrow(message);
    expect(await app.client.schedules.get('yearly')).toMatchObject({ task: 'yearly', declared: true });
  });

  test('tells the next times', async () => {
    const client = await schedules();
    await client.add('nightly', Count, { cron: '0 3 * * *', input: { count: 3 } });
    const next = await client.next('nightly', 3);
    expect(next).toHaveLength(3);
    expect(next.map((time) => time.getUTCHours())).toEqual([3, 3, 3]);
    expect((next[2] as Date).getTime() - (next[0] as Date).getTime()).toBe(2 * 86_400_000);
    expect(await client.next('nightly')).toEqual(next.slice(0, 1));
    expect(await client.next('unknown')).toEqual([]);
  });

  test('pauses, resumes and removes', async () => {
    const client = await schedules();
    await client.add('often', 'foreign', { every: '30s' });
    expect(await client.pause('often')).toBe(true);
    expect(await client.next('often')).toEqual([]);
    expect(await client.get('often')).toMatchObject({ paused: true });
    expect(await client.resume('often')).toBe(true);
    expect(await client.next('often')).toHaveLength(1);
    expect(await client.remove('often')).toBe(true);
    expect(await client.list()).toEqual([]);
    expect(await client.pause('often')).toBe(false);
    expect(await client.resume('often')).toBe(false);
    expect(await client.remove('often')).toBe(false);
  });

  test('refuses what cannot be, and says why', async () => {
    const client = await schedules();
    await expect(client.add('a', Count, { every: '30s', input: { count: 'x' as never } })).rejects.toThrow(InputError);
    await expect(client.add('a', 'count', { every: '30s' })).rejects.toThrow(InputError);
    await expect(client.add('a', 'x', { every: '1ms' })).rejects.toThrow(
      'schedules.add("a"): every is "1ms"; it must be',
    );
    await expect(client.add('a{', 'x', { every: '1m' })).rejects.toThrow('the name is "a{"; it must be');
    await expect(client.add('a', 'x', { cron: '0 9 * * *', tz: 'Mars' })).rejects.toThrow(ConfigurationError);
    await expect(client.add('a', 'x', { every: '1m', name: 'b' } as never)).rejects.toThrow('unknown option "name"');
    expect(await client.list()).toEqual([]);
  });

  test('types the input by the class', async () => {
    const client = await schedules();
    // @ts-expect-error The input is needed.
    await expect(client.add('a', Count, { every: '30s' })).rejects.toThrow(InputError);
    // @ts-expect-error A period or an expression, not both.
    await expect(client.add('a', 'x', { every: '30s', cron: '0 9 * * *' })).rejects.toThrow('give either');
  });
});
