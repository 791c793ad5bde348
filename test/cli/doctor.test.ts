import type { Redis } from 'ioredis';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { runCli } from './run-cli';
import { typeHere } from './type-here';

const redis = useServer(() => startRedis());
let raw: Redis;

beforeEach(async () => {
  raw = redis().connect();
  await raw.flushall();
});

afterEach(() => raw.disconnect());

const doctor = (...args: readonly string[]) => runCli(['doctor', '--redis', redis().url, ...args]);
const lose = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => raw.hset(`task-${n}`, { task: 'x', state: 'WAIT' })));

test('doctor tells a line for each thing that it looked at, and ends with 0 where nothing needs a hand', async () => {
  const { code, output, errors } = await doctor();
  expect(errors).toEqual([]);
  expect(output[0]).toMatch(/^ok {7}version {14}Redis \d/);
  expect(output).toContainEqual(expect.stringMatching(/^note {5}persistence {10}nothing is written to disk/));
  expect(output).toContainEqual(expect.stringMatching(/^ok {7}clients|^note {5}clients {14}no other process/));
  expect(output.at(-1)).toMatch(/^ok {7}places {15}0 ids, each where its state wants it$/);
  expect(code).toBe(0);
});

test('doctor, doctor --fix and doctor again: what is lost is found, mended and in order', async () => {
  await lose(30);
  await raw.zadd('{new-task}:workers', Date.now() + 600_000, 'w');
  await raw.set('{tasks}:monitor', 'w', 'PX', 600_000);
  const [ill, all, dry] = await Promise.all([
    doctor('--settle', '0', '--limit', '3'),
    doctor('--settle', '0', '--limit', '0'),
    doctor('--settle', '0', '--fix', '--dry-run'),
  ]);
  expect(ill.code).toBe(8);
  expect(ill.output.filter((line) => line.startsWith('error'))).toHaveLength(3);
  expect(ill.output.at(-1)).toMatch(/^note {5}lost {17}27 more, which are not shown$/);
  expect(all.output.filter((line) => line.startsWith('error'))).toHaveLength(30);
  expect(dry.code).toBe(8);
  expect(dry.output[0]).toMatch(/^note {5}lost {17}30 would be put into the queue, once: \S+/);
  expect(await raw.llen('new-task')).toBe(0);

  const fixed = await doctor('--settle', '0', '--fix');
  expect(fixed.output[0]).toMatch(/lost {17}30 to be put into the queue, once: /);
  expect(fixed.output[1]).toMatch(/^ok {7}lost {17}30 of 30 mended$/);
  expect(fixed.code).toBe(0);
  expect(await raw.llen('new-task')).toBe(30);

  expect((await doctor('--settle', '0')).code).toBe(0);
});

test('doctor --json is one object, and of --fix what was mended with it', async () => {
  await lose(1);
  const { output, code } = await doctor('--json', '--fix', '--settle', '0');
  expect(output).toHaveLength(1);
  expect(JSON.parse(output[0] as string)).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ name: 'queue', mark: 'warning' })]),
    places: { ids: 1, findings: [] },
    mendings: [{ problem: 'lost', isSafe: true, count: 1, ids: ['0'], done: 1 }],
  });
  // It is back in a queue that nobody takes from.
  expect(code).toBe(8);
});

test('what a monitor mends in passing is a note while one is at work, and a warning where none is', async () => {
  await raw.hset('task-a', { task: 'x', state: 'SUCCESS' });
  await raw.sadd('tasks', 'a');
  await raw.zadd('{new-task}:workers', Date.now() + 600_000, 'w');
  const alone = await doctor('--settle', '0');
  expect(alone.output.at(-1)).toMatch(/^warning {2}left-active/);
  expect(alone.code).toBe(8);
  await raw.set('{tasks}:monitor', 'w', 'PX', 600_000);
  const watched = await doctor('--settle', '0');
  expect(watched.output.at(-1)).toMatch(/^note {5}left-active/);
  expect(watched.code).toBe(0);
});

test('what strangers have written reaches the terminal without its control characters', async () => {
  await raw.hset('task-\u001b[31mred', { task: 'x', state: 'WAIT' });
  const { output } = await doctor('--settle', '0', '--fix', '--dry-run');
  expect(output.join('\n')).not.toContain('\u001b');
});

test('options that make no sense are refused with how to write them', async () => {
  const refused = (...args: readonly string[]) => typeHere(['doctor', ...args], redis().url);
  expect(await refused('--dry-run')).toMatchObject({ code: 2, errors: [expect.stringContaining('give both')] });
  expect((await refused('--settle', 'soon')).errors[0]).toContain('write it as 500ms, 30s');
  expect((await refused('--limit', '-1')).code).toBe(2);
});
