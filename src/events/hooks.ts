import type { Logger } from '../logger';
import { type Hook, hookMethods } from '../metadata/hooks';
import type { TaskEvent } from '../task/event';

/**
 * Calls the hooks of an instance that an event is meant for, side by side; resolves when all have ended.
 * What they throw is logged and changes nothing else.
 */
export async function callHooks(
  instance: object,
  hooks: readonly Hook[],
  event: TaskEvent,
  logger: Logger,
): Promise<void> {
  const methods = hookMethods(hooks, event.taskName, event.event);
  await Promise.all(methods.map((method) => callHook(instance, method, event, logger)));
}

async function callHook(instance: object, method: string | symbol, event: TaskEvent, logger: Logger): Promise<void> {
  try {
    await (instance as Record<string | symbol, (event: TaskEvent) => unknown>)[method]?.(event);
  } catch (error) {
    const fields = { err: error, taskId: event.taskId, event: event.event };
    logger.error(fields, `Hook ${instance.constructor.name}.${String(method)} threw`);
  }
}
