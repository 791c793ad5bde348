import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

const HOOK = join(__dirname, 'support/register-typescript.cjs');
const PRINT = join(__dirname, 'support/print-log.ts');
const ESCAPE = '\u001b';

interface Told {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The option `logger`. */
  readonly option?: unknown;
}

function node({ env, option }: Told) {
  const args = ['--require', HOOK, PRINT, ...(option === undefined ? [] : [JSON.stringify(option)])];
  const { CI: _ci, NO_COLOR: _noColor, TASKWARDEN_LOG_LEVEL: _level, ...inherited } = process.env;
  return { args, env: { ...inherited, TERM: 'xterm', NODE_ENV: 'test', ...env } };
}

async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  // It ends by a signal, which is an error to `execFile`.
  return promisify(execFile)(file, args, { env }).catch((error: { stdout: string; stderr: string }) => error);
}

/** What is written to standard error where that is no terminal, line by line. */
async function piped(told: Told = {}): Promise<string[]> {
  const { args, env } = node(told);
  const { stderr } = await run(process.execPath, args, env);
  return stderr.split('\n').filter((line) => line !== '');
}

/** What is written to a terminal; `script` of bsdutils, or of macOS, makes one. */
async function onTerminal(told: Told = {}): Promise<string> {
  const { args, env } = node(told);
  const quoted = [process.execPath, ...args].map((word) => `'${word}'`).join(' ');
  const script =
    process.platform === 'linux'
      ? ['--quiet', '--command', quoted, '/dev/null']
      : ['-q', '/dev/null', process.execPath, ...args];
  return (await run('script', script, env)).stdout;
}

async function levels(told: Told): Promise<string[]> {
  return (await piped(told)).map((line) => JSON.parse(line).msg).filter((message) => message.endsWith('line'));
}

const ALL = ['a debug line', 'an info line', 'a warn line', 'an error line'];

describe('the default logger', () => {
  test('writes JSON lines where standard error is no terminal, and loses none when the process dies', async () => {
    const lines = (await piped()).map((line) => JSON.parse(line));
    expect(lines.at(-3)).toMatchObject({
      level: 30,
      name: 'taskwarden',
      msg: 'an info line',
      task: 'probe',
      attempt: 1,
    });
    expect(lines.at(-1)).toMatchObject({ level: 50, msg: 'an error line', err: { message: 'broken' } });
  });

  test('writes lines to read on a terminal, in colours, and loses none when the process dies', async () => {
    const text = await onTerminal();
    expect(text).toContain(ESCAPE);
    const plain = stripVTControlCharacters(text);
    expect(plain).toMatch(/\[\d\d:\d\d:\d\d\.\d{3}\] INFO \(taskwarden\): an info line \{"task":"probe","attempt":1\}/);
    expect(plain).toContain('an error line');
    expect(plain).toContain('Error: broken');
  });

  test('leaves out the colours where NO_COLOR is set', async () => {
    const text = await onTerminal({ env: { NO_COLOR: '1' } });
    expect(text).toContain('INFO (taskwarden): an info line');
    expect(text).not.toContain(ESCAPE);
  });

  test('writes JSON lines on a terminal of a CI', async () => {
    expect(await onTerminal({ env: { CI: 'true' } })).toContain('"msg":"an info line"');
  });

  test.each<[Told, string[]]>([
    [{}, ALL.slice(1)],
    [{ option: 'debug' }, ALL],
    [{ option: 'error' }, ALL.slice(3)],
    [{ env: { TASKWARDEN_LOG_LEVEL: 'debug' } }, ALL],
    [{ env: { TASKWARDEN_LOG_LEVEL: 'warn' } }, ALL.slice(2)],
    [{ env: { TASKWARDEN_LOG_LEVEL: '' } }, ALL.slice(1)],
    [{ env: { TASKWARDEN_LOG_LEVEL: 'debug' }, option: 'error' }, ALL.slice(3)],
    [{ env: { TASKWARDEN_LOG_LEVEL: 'debug' }, option: false }, []],
  ])('told %j writes the lines of these levels', async (told, expected) => {
    expect(await levels(told)).toEqual(expected);
  });
});
