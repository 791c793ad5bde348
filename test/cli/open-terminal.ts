import { GuardedProcess } from '../support/guarded-process';

/** A built `taskwarden` in a pseudo-terminal, and running. */
export interface OpenTerminal {
  /** Of the command itself, for signals. */
  readonly pid: number;
  readonly terminal: GuardedProcess;
}

/** Starts the built `taskwarden` as a person at a terminal would; for what ends by itself there is `runInTerminal`. */
export async function openTerminal(args: readonly string[]): Promise<OpenTerminal> {
  const words = [process.execPath, 'build/src/cli/main.js', ...args].map(quoted).join(' ');
  const command = `stty cols 120 rows 40; echo "pid $$"; exec ${words}`;
  const flags =
    process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qec', command, '/dev/null'];
  const terminal = await GuardedProcess.start('script', flags, {
    env: { ...process.env, REDIS_URL: undefined, NODE_ENV: undefined, NO_COLOR: '1' },
  });
  const line = await terminal.waitForLine(/^pid \d+/);
  return { terminal, pid: Number(/\d+/.exec(line)?.[0]) };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
