import { runCli } from './run-cli';

test('a Redis that does not answer is one readable line, without a stack', async () => {
  const { code, output, errors } = await runCli(['queues', '--redis', 'redis://user:secret@127.0.0.1:1']);
  expect(code).toBe(3);
  expect(output).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^taskwarden: Redis at 127\.0\.0\.1:1 does not answer/);
  expect(errors[0]).not.toContain('secret');
});

test('a command that is misspelt is told with the nearest one', async () => {
  const { code, errors } = await runCli(['queue']);
  expect(code).toBe(2);
  expect(errors.join('\n')).toContain('Did you mean queues?');
});

test('an empty REDIS_URL is none, but an empty flag is a mistake', async () => {
  const { code, errors } = await runCli(['queues', '--redis', ''], { env: { REDIS_URL: '' } });
  expect(errors.join('\n')).toContain('"" is no URL of a Redis');
  expect(code).toBe(2);
  expect((await runCli(['completion', 'bash'], { env: { REDIS_URL: '' } })).code).toBe(0);
});

test('a URL that is none is refused with how to write one', async () => {
  const { code, errors } = await runCli(['queues', '--redis', 'http://localhost']);
  expect(code).toBe(2);
  expect(errors.join('\n')).toContain('write it as redis://localhost:6379');
});

test.each([
  [['--redis', 'redis://a,redis://b'], '--redis has 2 URLs: say what they are by --cluster or --sentinel <name>'],
  [['--cluster', '--sentinel', 'main'], "option '--cluster' cannot be used with option '--sentinel <name>'"],
  [['--redis', 'redis://localhost/tasks'], 'redis names the database "tasks": a database is a number'],
])('%j is refused, with why', async (flags, message) => {
  const { code, errors } = await runCli(['queues', ...flags]);
  expect(errors.join('\n')).toContain(message);
  expect(code).toBe(2);
});
