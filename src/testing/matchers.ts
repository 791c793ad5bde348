import { inspect } from 'node:util';
import { ConfigurationError } from '../errors';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';
import { type EmittedEvent, type EnqueuedTask, nameOf } from './journal';
import type { Thrown } from './test-logs';

/** What Jest and Vitest give their matchers. */
export interface MatcherContext {
  equals(one: unknown, other: unknown): boolean;
}

export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** For the types of your test framework: `interface Matchers<R> extends TaskwardenMatchers<R> {}`. */
export interface TaskwardenMatchers<R = unknown> {
  /**
   * The app has enqueued a task of the class, by a client or a schedule; with an input, one that has at least these properties. Matchers
   * such as `expect.any(Number)` may stand in it.
   */
  toHaveEnqueued(task: TaskClass | string, input?: object): R;
  /** An event of the pattern `task:event` was published; with data, one that has at least these properties, or is equal. */
  toHaveEmitted(pattern: string, data?: unknown): R;
}

/** What the matchers ask: a `TestApp`. */
interface Asked {
  enqueued(task?: TaskClass | string): readonly EnqueuedTask[];
  events(pattern?: string): readonly EmittedEvent[];
  readonly failures: readonly Thrown[];
}

/** For `expect.extend`, of Jest and of Vitest. */
export const taskwardenMatchers = {
  toHaveEnqueued(this: MatcherContext, app: unknown, task: TaskClass | string, input?: object): MatcherResult {
    const asked = readAsked(app, 'toHaveEnqueued');
    const name = nameOf(task);
    const pass = asked.enqueued(task).some((one) => holds(one.input, input, this));
    return {
      pass,
      message: () => {
        const wanted = input === undefined ? `a task ${name}` : `a task ${name} with ${text(input)}`;
        const found = asked.enqueued().map((one) => `${one.name} (${one.id}) ${text(one.input)}`);
        return explain(`${wanted} to be enqueued`, 'Enqueued', found, pass, asked);
      },
    };
  },

  toHaveEmitted(this: MatcherContext, app: unknown, pattern: string, data?: unknown): MatcherResult {
    const asked = readAsked(app, 'toHaveEmitted');
    const pass = asked.events(pattern).some((one) => holds(one.data, data, this));
    return {
      pass,
      message: () => {
        const wanted = data === undefined ? `an event ${pattern}` : `an event ${pattern} with ${text(data)}`;
        const found = asked.events().map((one) => `${one.task}:${one.event} (${one.taskId}) ${text(one.data)}`);
        return explain(`${wanted} to be emitted`, 'Emitted', found, pass, asked);
      },
    };
  },
};

const MOST_SHOWN = 20;

function readAsked(app: unknown, matcher: string): Asked {
  const { enqueued, events } = (app ?? {}) as Partial<Asked>;
  if (typeof enqueued === 'function' && typeof events === 'function') return app as Asked;
  throw new ConfigurationError(`expect(…).${matcher} is given ${shown(app, 80)}: give it the app of createTestApp.`);
}

/** Whether a value is what is expected, or an object that has at least what is expected of it. */
function holds(value: unknown, expected: unknown, matcher: MatcherContext): boolean {
  if (expected === undefined || matcher.equals(value, expected)) return true;
  if (!isPlain(expected) || typeof value !== 'object' || value === null) return false;
  return Object.entries(expected).every(([key, one]) => {
    const own = (value as Record<string, unknown>)[key];
    return one === undefined ? own === undefined : holds(own, one, matcher);
  });
}

/** Not a matcher such as `expect.anything()`: what that says is said by `equals`. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !('asymmetricMatch' in value);
}

function explain(what: string, verb: string, found: readonly string[], pass: boolean, { failures }: Asked): string {
  const shownOnes = found.slice(-MOST_SHOWN).map((one) => `  ${one}`);
  const hidden = found.length > MOST_SHOWN ? [`  … and ${found.length - MOST_SHOWN} before them`] : [];
  const list = found.length === 0 ? [`${verb}: nothing`] : [`${verb}:`, ...hidden, ...shownOnes];
  const threw = failures.slice(-MOST_SHOWN).map(({ where, error }) => `  ${where}: ${String(error)}`);
  const thrown = threw.length > 0 ? ['Thrown meanwhile:', ...threw] : [];
  return [`Expected ${pass ? 'no such thing: ' : ''}${what}.`, '', ...list, ...thrown].join('\n');
}

function text(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
