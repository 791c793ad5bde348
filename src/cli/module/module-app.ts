import type { Command } from 'commander';
import { type App, type AppOptions, createApp, TASK_STORE } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import type { SharedOptions } from '../session';
import { loadModule } from './load-module';
import { type Offer, readExports } from './module-exports';
import { resolveModule } from './module-path';
import { handOver } from './own-copy';
import { whileLoading } from './while-loading';

/** The flags that say where Redis is: an app has decided that already. */
const CONNECTION_FLAGS = ['redis', 'cluster', 'sentinel'] as const;
const NAME_FLAGS = ['taskPrefix', 'taskSet', 'newQueue', 'endQueue'] as const;

/** What a module offers; undefined: its own copy of taskwarden has taken over. @throws {CommandError} */
export async function offerOf(given: string): Promise<Offer | undefined> {
  const path = resolveModule(given);
  if (await handOver(path)) return undefined;
  return whileLoading(path, async () => readExports(await loadModule(path), path));
}

/** For `withSession`: with `--app`, an app that knows the task classes of a module. */
export async function openWithModule(
  base: AppOptions,
  { app: module }: SharedOptions & { readonly app?: string },
  command: Command,
): Promise<App | undefined> {
  if (module === undefined) return createApp(base);
  const offer = await offerOf(module);
  if (!offer) return undefined;
  if ('app' in offer) {
    refuseFlags(command, module);
    return offer.app;
  }
  const { tasks, providers } = offer.options;
  const { redis, names } = placeOf(offer.options, base, command, module);
  const known = { ...base, ...(tasks && { tasks }), ...(names && { names }) };
  // Its own place may need any of the services before it.
  if (hasOwnBackend(offer.options)) return createApp({ ...known, redis: undefined, providers: providers ?? [] });
  // A task in a memory that ends with this process is of no use to anybody.
  return createApp({ ...known, redis: redis ?? base.redis });
}

/**
 * Where the app of a module's options is to find its tasks: flags that were typed count more than the options, and those
 * more than REDIS_URL and the defaults.
 * @throws {CommandError} A flag was typed of a Redis that the module's own store knows nothing of.
 */
export function placeOf(
  options: AppOptions,
  base: AppOptions,
  command: Command,
  module: string,
): Pick<AppOptions, 'redis' | 'names' | 'store'> {
  const typed = (flag: string) => isTyped(command, flag);
  const isRedisTyped = CONNECTION_FLAGS.some(typed);
  const hasBackend = hasOwnBackend(options);
  if (hasBackend && isRedisTyped) {
    throw new CommandError(EXIT.usage, `${module} provides a TASK_STORE of its own: leave --redis and its kin out.`);
  }
  const ownPlace = options.redis !== undefined || options.store !== undefined || hasBackend;
  const { redis, store } = isRedisTyped || !ownPlace ? { redis: base.redis, store: undefined } : options;
  const named = NAME_FLAGS.filter(typed).map((flag) => [flag, base.names?.[flag]]);
  return { redis, store, names: { ...options.names, ...Object.fromEntries(named) } };
}

/** @throws {CommandError} A flag was typed that a finished app knows nothing of. */
export function refuseFlags(command: Command, module: string, others: readonly string[] = []): void {
  const flags = [...CONNECTION_FLAGS, ...NAME_FLAGS, ...others].filter((flag) => isTyped(command, flag));
  if (flags.length === 0) return;
  const names = flags.map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  throw new CommandError(
    EXIT.usage,
    `${names.join(', ')} cannot apply: ${module} exports a finished app, which is used as it is. ` +
      'Leave the flag out, or export the options of createApp or the task classes in place of the app.',
  );
}

function hasOwnBackend({ providers = [] }: AppOptions): boolean {
  return providers.some((one) => typeof one === 'object' && one.provide === TASK_STORE);
}

function isTyped(command: Command, flag: string): boolean {
  return command.getOptionValueSourceWithGlobals(flag) === 'cli';
}
