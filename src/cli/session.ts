import type { Command } from 'commander';
import { type App, type AppOptions, CLOCK, createApp, type Logger, type TaskClient } from '../index';
import { EXIT, type ExitCode } from './exit-code';
import { exitCodeOfStop, Interruption, interruptible, STOP_SIGNALS, type StopSignal } from './interruption';
import { type ConnectionOptions, redisSpecOf, wireNamesOf } from './options/connection-options';
import { note } from './output/note';
import { Output } from './output/output';
import { endWithReader } from './output/reader';

/** The flags of every command. */
export interface SharedOptions extends ConnectionOptions {
  readonly json?: true;
  readonly color: boolean;
}

/** What a command works with. */
export interface Session<Options = object> {
  readonly client: TaskClient;
  readonly app: App;
  readonly output: Output;
  /** For ages, in epoch milliseconds. */
  nowMs(): number;
  /** From now on standard error is told when Redis is lost, and when it is back. */
  tellConnection(): void;
  readonly options: Options & SharedOptions;
  /** Aborts at the first SIGINT or SIGTERM; the second one ends the process. */
  readonly signal: AbortSignal;
}

/** @returns How the command ends; nothing for `EXIT.done`. */
export type Work<Options, Args extends unknown[] = string[]> = (
  session: Session<Options>,
  ...args: Args
) => Promise<ExitCode | undefined>;

/** Makes the app of a session. @param base What the shared flags say. */
export type OpenApp<Options> = (
  base: AppOptions,
  options: Options & SharedOptions,
  command: Command,
) => Promise<App | undefined>;

export interface SessionSettings<Options> {
  /** @returns Undefined: the command is done elsewhere. Default: `createApp`. */
  readonly open?: OpenApp<Options>;
  /** It changes nothing: it is done when whoever reads what it prints has gone. */
  readonly onlyReads?: true | ((options: Options) => boolean);
  /** It sees to the signal itself, and ends what it has begun. Any other is left at once. */
  readonly endsItself?: true;
}

/** For `command.action`: opens an app that does not work, has the command done with it, and closes it. */
export function withSession<Options, Args extends unknown[] = string[]>(
  work: Work<Options, Args>,
  { open = createApp, onlyReads, endsItself }: SessionSettings<Options> = {},
) {
  return async (...given: unknown[]): Promise<void> => {
    // Commander's own order: the arguments, then the options, then the command.
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & SharedOptions>();
    const connection = new ConnectionNotes();
    const app = await open(baseOf(options, connection), options, command);
    if (!app) return;
    const reads = typeof onlyReads === 'function' ? onlyReads(options) : onlyReads === true;
    if (reads) endWithReader();
    const { signal, restore } = stopSignal();
    try {
      const output = outputOf(options);
      const nowMs = () => app.get(CLOCK).nowMs();
      const tellConnection = () => connection.begin();
      const session = { app, client: app.client, output, options, nowMs, tellConnection, signal };
      const working = work(session, ...(given.slice(0, -2) as Args));
      const code = await (endsItself ? working : interruptible(signal, working));
      process.exitCode = code ?? (signal.aborted ? exitCodeOfStop(signal) : EXIT.done);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      // Who ends itself throws it before it has begun.
      if (endsItself) note('interrupted: nothing was done');
      else if (!reads) note('interrupted: what it has asked for is not waited for');
      process.exitCode = exitCodeOfStop(signal);
    } finally {
      restore();
      await app.close();
    }
  };
}

function baseOf(options: SharedOptions, logger: Logger): AppOptions {
  return { redis: redisSpecOf(options), names: wireNamesOf(options), worker: false, logger };
}

export function outputOf({ json, color }: Pick<SharedOptions, 'json' | 'color'>): Output {
  const isTerminal = process.stdout.isTTY === true;
  return new Output(process.stdout, json === true, color && isTerminal && !process.env.NO_COLOR);
}

/** What an app logs that does not work: that its connections are lost and back, each once. A command that fails says so itself. */
class ConnectionNotes implements Logger {
  private told = false;

  begin(): void {
    this.told = true;
  }

  debug(): void {}

  info(_fields: object, message: string): void {
    if (this.told) note(message);
  }

  warn(_fields: object, message: string): void {
    if (this.told) note(message);
  }

  error(_fields: object, message: string): void {
    if (this.told) note(message);
  }
}

function stopSignal(): { readonly signal: AbortSignal; restore(): void } {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    restore();
    controller.abort(new Interruption(name as StopSignal));
  };
  const restore = () => {
    for (const name of STOP_SIGNALS) process.off(name, stop);
  };
  for (const name of STOP_SIGNALS) process.on(name, stop);
  return { signal: controller.signal, restore };
}
