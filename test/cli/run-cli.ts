import { resolve } from 'node:path';
import { GuardedProcess } from '../support/guarded-process';

const ROOT = resolve(__dirname, '../..');
/** The built command. */
export const MAIN = resolve(ROOT, 'build/src/cli/main.js');
/** The first argument is the command, the rest its arguments; what it reads stands in a variable. */
const WITH_OPEN_INPUT = 'f=$(mktemp -u) && mkfifo "$f" && exec 3<>"$f" && rm "$f" && exec "$0" "$@" <&3';
const WITH_INPUT = 'printf %s "$CLI_INPUT" | "$0" "$@"';

export interface CliOptions {
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Node's own flags, before the command. */
  readonly nodeArgs?: readonly string[];
  /** Default: the repository's root. */
  readonly cwd?: string;
  /** What it reads from standard input; default: nothing. */
  readonly input?: string;
  /** Standard input stays open, and says nothing, as a terminal does. */
  readonly openInput?: boolean;
  /** In a process group of its own, as a shell gives each command: signals of the terminal go to all of the group. */
  readonly detached?: boolean;
}

export interface CliRun {
  readonly code: number | null;
  /** Lines of standard output. */
  readonly output: readonly string[];
  /** Lines of standard error. */
  readonly errors: readonly string[];
}

/** Runs the built `taskwarden` as a person would type it. @throws when it is not done by itself in time. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const command = await startCli(args, options);
  const { code } = await command.exited;
  return { code, output: command.stdoutLines, errors: command.stderrLines };
}

/** The same for a command that goes on: a worker, or one that watches. */
export function startCli(args: readonly string[], options: CliOptions = {}): Promise<GuardedProcess> {
  const { cwd = ROOT, nodeArgs = [], input, openInput = false, detached = false } = options;
  const env = { ...process.env, REDIS_URL: undefined, NODE_ENV: undefined, CLI_INPUT: input, ...options.env };
  const command = [process.execPath, ...nodeArgs, MAIN, ...args];
  const shell = openInput ? WITH_OPEN_INPUT : input !== undefined ? WITH_INPUT : undefined;
  const [file, ...rest] = shell === undefined ? command : ['sh', '-c', shell, ...command];
  return GuardedProcess.start(file as string, rest, { cwd, env, detached });
}
