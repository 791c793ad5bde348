import type { Command } from 'commander';
import { type App, CLOCK, createApp, type TaskClient } from '../index';
import { type ConnectionOptions, redisSpecOf, wireNamesOf } from './connection-options';
import { EXIT, type ExitCode } from './exit-code';
import { Output } from './output';

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
  readonly options: Options & SharedOptions;
  /** Aborts at the first SIGINT or SIGTERM; the second one ends the process. */
  readonly signal: AbortSignal;
}

/** @returns How the command ends; nothing for `EXIT.done`. */
export type Work<Options> = (session: Session<Options>, ...args: string[]) => Promise<ExitCode | undefined>;

/** For `command.action`: opens an app that does not work, has the command done with it, and closes it. */
export function withSession<Options>(work: Work<Options>) {
  return async (...given: unknown[]): Promise<void> => {
    // Commander's own order: the arguments, then the options, then the command.
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & SharedOptions>();
    const app = await createApp({
      redis: redisSpecOf(options),
      names: wireNamesOf(options),
      worker: false,
      logger: false,
    });
    const stopping = stopSignal();
    try {
      const output = outputOf(options);
      const nowMs = () => app.get(CLOCK).nowMs();
      const session = { app, client: app.client, output, options, nowMs, signal: stopping.signal };
      const code = await work(session, ...(given.slice(0, -2) as string[]));
      process.exitCode = code ?? (stopping.signal.aborted ? EXIT.interrupted : EXIT.done);
    } finally {
      stopping.restore();
      await app.close();
    }
  };
}

export function outputOf({ json, color }: Pick<SharedOptions, 'json' | 'color'>): Output {
  const isTerminal = process.stdout.isTTY === true;
  return new Output(process.stdout, json === true, color && isTerminal && !process.env.NO_COLOR);
}

function stopSignal(): { readonly signal: AbortSignal; restore(): void } {
  const controller = new AbortController();
  const stop = () => {
    restore();
    controller.abort();
  };
  const restore = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, restore };
}
