import type { InjectionToken } from 'tsyringe';
import { MiddlewareError } from '../errors';
import type { TaskContext } from '../task/task-context';

/** Goes on to the next middleware and at last to `start`; resolves to what it returned. */
export type Next = () => Promise<unknown>;

/** Wraps every run; what it returns becomes the output. */
export type MiddlewareFunction = (task: TaskContext, next: Next) => unknown;

/** The same as a class, with services injected; one instance a run. */
export interface Middleware {
  use(task: TaskContext, next: Next): unknown;
}

export type MiddlewareClass = new (...args: never[]) => Middleware;

/** Outermost first. */
export const MIDDLEWARE: InjectionToken<readonly (MiddlewareFunction | MiddlewareClass)[]> =
  Symbol('taskwarden.Middleware');

export function isMiddlewareClass(middleware: MiddlewareFunction | MiddlewareClass): middleware is MiddlewareClass {
  return typeof (middleware.prototype as Partial<Middleware> | undefined)?.use === 'function';
}

/** Each as a function; of a class one instance is made. */
export function functionsOf(
  middleware: readonly (MiddlewareFunction | MiddlewareClass)[],
  make: (wanted: MiddlewareClass) => Middleware,
): MiddlewareFunction[] {
  return middleware.map((one) => {
    if (!isMiddlewareClass(one)) return one;
    const instance = make(one);
    return (task, next) => instance.use(task, next);
  });
}

/**
 * Runs `start` within the middleware, outermost first.
 * @throws {MiddlewareError} A middleware called `next` twice: the task would run twice.
 */
export function compose(middleware: readonly MiddlewareFunction[], task: TaskContext, start: Next): Promise<unknown> {
  let reached = -1;
  const dispatch = async (position: number): Promise<unknown> => {
    if (position <= reached) throw new MiddlewareError();
    reached = position;
    const current = middleware[position];
    return current ? current(task, () => dispatch(position + 1)) : start();
  };
  return dispatch(0);
}
