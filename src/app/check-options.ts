import { ConfigurationError } from '../errors';
import { recordConstructor } from '../metadata/constructor-parameters';
import { TASK_STORE } from '../store/task-store';
import { shown } from '../task/shown';
import { isMiddlewareClass } from '../worker/middleware';
import { checkObservers } from './observer-options';
import type { AppOptions } from './options';

const LIST_KEYS = ['tasks', 'providers', 'listeners', 'middleware', 'observers'] as const;

/** What needs no resolving. @throws {ConfigurationError} An option is not acceptable, or two of them contradict each other. */
export function checkOptions(given: AppOptions): void {
  for (const key of LIST_KEYS) {
    if (given[key] !== undefined && !Array.isArray(given[key]))
      throw new ConfigurationError(`${key} must be an array.`);
  }
  checkStore(given);
  checkTracing(given);
  checkClasses(given);
  checkObservers(given.observers);
}

function checkStore({ redis, store, providers = [] }: AppOptions): void {
  if (store !== undefined && store !== 'memory') {
    throw new ConfigurationError(`store is ${shown(store)}: the only name is 'memory'; for Redis set redis.`);
  }
  if (store === 'memory' && redis !== undefined) {
    throw new ConfigurationError("Both redis and store: 'memory' are given: remove one of them.");
  }
  const ownBackend = providers.some((one) => typeof one === 'object' && one?.provide === TASK_STORE);
  if (redis === undefined && store === undefined && !ownBackend && process.env.NODE_ENV === 'production') {
    throw new ConfigurationError(
      "No redis is given, and NODE_ENV is production: set redis, or ask for the embedded store, which keeps nothing beyond this process, with store: 'memory'.",
    );
  }
}

function checkTracing({ tracing }: AppOptions): void {
  if (tracing === undefined || typeof tracing === 'boolean') return;
  throw new ConfigurationError(`tracing is ${shown(tracing)}: give true or false, or leave it out.`);
}

/** What cannot be used is refused here, and not when a first run needs it. */
function checkClasses({ middleware = [], onException, cleanup }: AppOptions): void {
  for (const one of middleware) {
    if (typeof one !== 'function') throw new ConfigurationError('middleware must list functions and classes only.');
    if (isMiddlewareClass(one)) recordConstructor(one as never);
  }
  if (onException !== undefined && typeof onException !== 'function') {
    throw new ConfigurationError('onException must be a function: (error, run) => …');
  }
  const handler = cleanup ? cleanup.handler : undefined;
  if (handler !== undefined && typeof handler?.prototype?.handle !== 'function') {
    throw new ConfigurationError('cleanup.handler must be a class with a method handle(task).');
  }
}
