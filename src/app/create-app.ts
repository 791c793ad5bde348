import type { DependencyContainer } from 'tsyringe';
import { CLOCK, type Clock } from '../clock';
import { ClusterListeners } from '../events/cluster-listeners';
import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import { listenerHooks } from '../metadata/hooks';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import { App } from './app';
import { buildContainer } from './container';
import { Disposals } from './disposals';
import { type AppOptions, resolveOptions } from './options';

/**
 * Makes an app: checks the options, awaits the providers and wires everything in a container of its own.
 * It does not wait for Redis: what needs it does, and says so.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {DeclarationError} A class among the tasks or listeners is not declared as one.
 */
export function createApp(options: AppOptions = {}): Promise<App> {
  return makeApp(options, App);
}

/** The same, of a class of one's own. */
export async function makeApp<A extends App>(
  options: AppOptions,
  appClass: new (...parts: ConstructorParameters<typeof App>) => A,
): Promise<A> {
  const resolved = resolveOptions(options);
  const disposals = new Disposals();
  try {
    const container = await buildContainer(resolved, disposals);
    return new appClass(container, resolved, makeListeners(container, options, disposals), disposals);
  } catch (error) {
    await disposals.run(resolved.logger);
    throw error;
  }
}

function makeListeners(
  container: DependencyContainer,
  { listeners = [] }: AppOptions,
  disposals: Disposals,
): ClusterListeners {
  const made = listeners.map((listenerClass) => {
    const hooks = listenerHooks(listenerClass);
    const instance = container.resolve<object>(listenerClass as new (...args: unknown[]) => object);
    disposals.addService(instance);
    return { instance, hooks };
  });
  const bus = container.resolve<EventBus>(EVENT_BUS);
  const reader = container.resolve<TaskReader>(TASK_READER);
  const clock = container.resolve<Clock>(CLOCK);
  return new ClusterListeners(
    bus,
    reader,
    made,
    clock,
    container.resolve<Logger>(LOGGER),
    container.resolve(HealthBoard),
  );
}
