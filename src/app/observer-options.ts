import { ConfigurationError } from '../errors';
import { OBSERVER_METHODS } from '../observing/observers';
import type { TaskObserver } from '../observing/task-observer';

/** @throws {ConfigurationError} One has no method that could be told anything: a class, say, or a wrong name. */
export function checkObservers(observers: readonly TaskObserver[] = []): void {
  for (const observer of observers) {
    if (OBSERVER_METHODS.some((method) => typeof observer?.[method] === 'function')) continue;
    throw new ConfigurationError(
      `observers must list objects with one of the methods ${OBSERVER_METHODS.join(', ')} at least.`,
    );
  }
}
