import type { InjectionToken } from 'tsyringe';
import { makeApp } from '../app/create-app';
import { resolveLogger } from '../app/logger-options';
import { APP_KEYS, type AppOptions, resolveNames, resolveOptions } from '../app/options';
import type { Provider } from '../app/provider';
import { TaskClient } from '../client/task-client';
import { CLOCK } from '../clock';
import { ConfigurationError } from '../errors';
import { EVENT_BUS } from '../events/event-bus';
import { silentLogger } from '../logger';
import { TASK_READER } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import { type Duration, parseDuration } from '../task/duration';
import { TaskKeys } from '../task/keys';
import { checkKeys } from '../task/option-keys';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';
import { TestApp } from './test-app';
import { TestKit } from './test-kit';

/** A token and what is injected for it in a test. */
export type Fake = readonly [token: InjectionToken, fake: unknown];

/** Those of `createApp`, except for what says where Redis is; the `logger` is silent by default. */
export interface TestAppOptions extends Omit<AppOptions, 'redis' | 'store'> {
  /** Never in a test app; it may stand here as undefined, to take that of shared options away. */
  readonly redis?: undefined;
  readonly store?: 'memory' | undefined;
  /** What is injected in place of what `providers` gives for the same tokens: those are not even made. */
  readonly provide?: readonly Fake[];
  /** What time it is at first: a Date, epoch milliseconds or ISO text. Default: the beginning of 2030, UTC. */
  readonly now?: Date | number | string;
  /** Task classes whose runs go on until they are stopped, or hang: they are not waited for. */
  readonly endless?: readonly TaskClass[];
  /** How long `drain` and each step of `advance` wait, in real time, for what takes real time. Default 4s. */
  readonly patience?: Duration;
}

const OWN_KEYS = ['provide', 'now', 'endless', 'patience'];
/** They are what makes it a test app. */
const GIVEN: readonly unknown[] = [CLOCK, TASK_STORE, TASK_READER, EVENT_BUS, TaskClient];

/**
 * Makes an app for a test: on the embedded store, with a clock that stands still, ids that are counted, and no jitter. It starts with the
 * first `drain` or `advance`.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {DeclarationError} As `createApp`.
 */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  checkKeys('createTestApp', options, [...APP_KEYS, ...OWN_KEYS]);
  if (options.redis !== undefined) {
    throw new ConfigurationError(
      'createTestApp: redis is given, but a test app works on the embedded store: leave it out, or set it to undefined. ' +
        'To test on a real Redis use createApp.',
    );
  }
  const { provide = [], now, endless = [], patience = '4s', redis: _, ...appOptions } = options;
  resolveOptions({ ...appOptions, store: 'memory', logger: appOptions.logger ?? false });
  const fakes = readFakes(provide);
  const providers = [...fakes, ...withoutFaked(appOptions.providers ?? [], fakes)];
  for (const provider of providers) refuseOwnTokens(provider);
  const kit = new TestKit({
    nowMs: now === undefined ? undefined : readNow(now),
    patienceMs: parseDuration(patience, 'patience'),
    endless: listOf(endless, 'endless'),
    logger: options.logger === undefined ? silentLogger : resolveLogger(options.logger),
    keys: new TaskKeys(resolveNames(options.names ?? {})),
  });
  try {
    return await makeApp(
      {
        ...appOptions,
        logger: kit.logs.logger,
        middleware: [kit.middleware, ...(appOptions.middleware ?? [])],
        onException: (error, run) => {
          kit.logs.thrown(error, 'run', `${run.taskName}, attempt ${run.attempt}`, run.taskId);
          return appOptions.onException?.(error, run);
        },
        providers: [...kit.providers, ...providers],
      },
      TestApp,
    );
  } catch (error) {
    kit.work.close();
    throw error;
  }
}

function readFakes(provide: readonly Fake[]): Provider[] {
  return listOf(provide, 'provide').map((fake): Provider => {
    if (Array.isArray(fake) && fake.length === 2) return { provide: fake[0], useValue: fake[1] };
    throw new ConfigurationError(`provide: ${shown(fake, 80)} is no pair: give [Token, fake].`);
  });
}

function withoutFaked(providers: readonly Provider[], fakes: readonly Provider[]): readonly Provider[] {
  const faked = new Set(fakes.map(tokenOf));
  return providers.filter((provider) => !faked.has(tokenOf(provider)));
}

function tokenOf(provider: Provider): unknown {
  return typeof provider === 'function' ? provider : provider?.provide;
}

function refuseOwnTokens(provider: Provider): void {
  const token = tokenOf(provider);
  if (!GIVEN.includes(token)) return;
  const name = token === TaskClient ? 'TaskClient' : String(token);
  throw new ConfigurationError(
    `${name} is provided, but a test app brings its own, which tells what was enqueued: leave it out, or use createApp with openBackend.`,
  );
}

function readNow(now: Date | number | string): number {
  const ms = new Date(now).getTime();
  if (Number.isFinite(ms)) return ms;
  throw new ConfigurationError(`now is ${shown(now)}: give a Date, epoch milliseconds or an ISO text.`);
}

function listOf<T>(value: readonly T[], option: string): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new ConfigurationError(`${option} must be an array.`);
}
