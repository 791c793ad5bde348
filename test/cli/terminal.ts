import { GuardedProcess } from '../support/guarded-process';
import { type CliOptions, MAIN } from './run-cli';

export interface TerminalOptions extends Pick<CliOptions, 'env' | 'cwd'> {
  /** What is typed, all of it before the command asks: a terminal keeps it. Without it nobody types. */
  readonly input?: string;
}

export interface TerminalRun {
  readonly code: number | null;
  /** All that was drawn, codes of the terminal included. */
  readonly output: string;
}

/** A built `taskwarden` in a pseudo-terminal, and running. */
export interface OpenTerminal {
  /** Of the command itself, for signals. */
  readonly pid: number;
  readonly terminal: GuardedProcess;
}

/** Runs the built `taskwarden` on a pseudo-terminal until it ends. */
export async function runInTerminal(args: readonly string[], options: TerminalOptions = {}): Promise<TerminalRun> {
  const { terminal } = await openTerminal(args, { ...options, input: options.input ?? '' });
  const { code } = await terminal.exited;
  return { code, output: terminal.stdoutLines.join('\n') };
}

/** Starts the built `taskwarden` as a person at a terminal would; for what ends by itself there is `runInTerminal`. */
export async function openTerminal(
  args: readonly string[],
  { input, cwd, env }: TerminalOptions = {},
): Promise<OpenTerminal> {
  const words = [process.execPath, MAIN, ...args].map(quoted).join(' ');
  const line = `stty cols 120 rows 40; echo "pid $$"; exec ${words}`;
  const script =
    process.platform === 'darwin'
      ? `script -q /dev/null sh -c ${quoted(line)}`
      : `script -qec ${quoted(line)} /dev/null`;
  const command = input === undefined ? `exec ${script}` : `printf %s "$CLI_INPUT" | ${script}`;
  const clean = { ...process.env, REDIS_URL: undefined, NODE_ENV: undefined, NO_COLOR: undefined };
  const terminal = await GuardedProcess.start('sh', ['-c', command], {
    env: { ...clean, TERM: 'xterm-256color', CLI_INPUT: input, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const told = await terminal.waitForLine(/^pid \d+/);
  return { terminal, pid: Number(/\d+/.exec(told)?.[0]) };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
