import { runScript, type ScriptOptions } from '../support/child-process';

export interface CliRun {
  readonly code: number | null;
  /** Lines of standard output. */
  readonly output: readonly string[];
  /** Lines of standard error. */
  readonly errors: readonly string[];
}

/** Runs the built `taskwarden` as a person would type it. @throws when it is not done by itself in time. */
export async function runCli(args: readonly string[], options: Omit<ScriptOptions, 'args'> = {}): Promise<CliRun> {
  const env = { REDIS_URL: undefined, NODE_ENV: undefined, ...options.env };
  const command = await runScript('build/src/cli/main.js', { ...options, args, env });
  const { code } = await command.exited;
  return { code, output: command.stdoutLines, errors: command.stderrLines };
}
