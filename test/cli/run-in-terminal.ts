import { GuardedProcess } from '../support/guarded-process';
import { type CliOptions, MAIN } from './run-cli';

export interface TerminalOptions extends Pick<CliOptions, 'env' | 'cwd'> {
  readonly columns?: number;
  /** What is typed, all of it before the command asks: a terminal keeps it. */
  readonly input?: string;
}

export interface TerminalRun {
  readonly code: number | null;
  /** All that was drawn, codes of the terminal included. */
  readonly output: string;
}

/** Runs the built `taskwarden` on a pseudo-terminal until it ends. */
export async function runInTerminal(args: readonly string[], options: TerminalOptions = {}): Promise<TerminalRun> {
  const { columns = 100, input = '', cwd } = options;
  const command = [process.execPath, MAIN, ...args].map(quoted).join(' ');
  const line = `stty cols ${columns} rows 40; exec ${command}`;
  const script =
    process.platform === 'darwin'
      ? `script -q /dev/null sh -c ${quoted(line)}`
      : `script -qec ${quoted(line)} /dev/null`;
  const env = {
    ...process.env,
    REDIS_URL: undefined,
    NODE_ENV: undefined,
    NO_COLOR: undefined,
    TERM: 'xterm-256color',
    CLI_INPUT: input,
  };
  const shell = await GuardedProcess.start('sh', ['-c', `printf %s "$CLI_INPUT" | ${script}`], {
    env: { ...env, ...options.env },
    ...(cwd !== undefined && { cwd }),
  });
  const { code } = await shell.exited;
  return { code, output: shell.stdoutLines.join('\n') };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
