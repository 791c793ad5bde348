import { patiently } from '../backoff';
import { within } from '../clock';
import type { LogFields, LogLevel } from '../logger';
import type { TaskDefinition } from '../metadata/task-definition';
import type { RunOutcome } from '../observing/task-observer';
import type { Lease, OpenedRun, Outcome, RequeueReply, Retry } from '../store/worker-store';
import type { RunSpan } from '../tracing/tracing';
import { retryAfter } from './retrying';
import type { RunEnvironment } from './run-environment';

/** A run whose code has ended, as far as its end has to know it. */
export interface EndingRun {
  readonly environment: RunEnvironment;
  readonly opened: OpenedRun;
  readonly lease: Lease;
  /** When it began, on the monotonic clock. */
  readonly begunMs: number;
  readonly definition: TaskDefinition | undefined;
  /** Whether a write that failed is worth another try. */
  readonly mayWrite: boolean;
  /** undefined where nobody traces. */
  readonly span: RunSpan | undefined;
  isHeard(event: string): boolean;
  tellHooks(event: string, data: unknown): Promise<void>;
  make<T extends object>(wanted: new (...args: never[]) => T): T;
  /** @param level Default `error`. */
  log(error: unknown, message: string, level?: LogLevel, fields?: LogFields): void;
}

/**
 * Writes the outcome of a run, or that it is to be followed by another one.
 * @param failure What the run threw, if it did.
 * @returns What has become of the run; `lost` also where the store did not take it: the task runs again.
 */
export function writeEnd(
  run: EndingRun,
  outcome: Outcome,
  failure: { readonly error: unknown } | undefined,
): Promise<RunOutcome> {
  return failure ? writeFailure(run, outcome, failure.error) : writeOutcome(run, outcome, undefined);
}

async function writeFailure(run: EndingRun, outcome: Outcome, error: unknown): Promise<RunOutcome> {
  const retry = await retryOf(run, outcome, error);
  return retry ? writeRetry(run, retry, error) : writeOutcome(run, outcome, error);
}

async function retryOf(run: EndingRun, outcome: Outcome, error: unknown): Promise<Retry | undefined> {
  const { definition, lease, opened, environment } = run;
  // A local task lives in this process alone, and stands in no queue.
  if (!definition || lease.local) return undefined;
  const failure = { error, failures: opened.failures + 1 };
  try {
    const retry = await retryAfter(failure, outcome, definition.options.retry, {
      random: environment.random,
      make: (backoff) => run.make(backoff),
      inTime: (answer) => inTime(run, answer),
    });
    // After the deadline no run begins: the task need not wait for that.
    const leftMs = (opened.leftMs ?? Number.POSITIVE_INFINITY) - (environment.clock.monotonicMs() - run.begunMs);
    return retry && retry.delayMs < leftMs ? retry : undefined;
  } catch (thrown) {
    run.log(thrown, 'The backoff of the task threw: it is not retried');
    return undefined;
  }
}

/** The run keeps its lease until then: a backoff that never answers must not keep it for good. */
async function inTime(run: EndingRun, answer: Promise<number>): Promise<number> {
  const { clock, settings } = run.environment;
  const settled = answer.then(
    () => {},
    () => {},
  );
  if (await within(clock, settled, settings.stopTimeoutMs)) return answer;
  run.log(undefined, 'The backoff of the task did not answer in time: the delay of its class counts');
  return Number.NaN;
}

/** What a failed run was, by what the store has made of its retry. */
const RETRIED: Readonly<Record<RequeueReply, RunOutcome>> = {
  requeued: 'retried',
  stopped: 'stopped',
  removed: 'stopped',
  lost: 'lost',
};

async function writeRetry(run: EndingRun, retry: Retry, error: unknown): Promise<RunOutcome> {
  try {
    const { clock, store } = run.environment;
    const traced = run.span ? { ...retry, trace: run.span.trace } : retry;
    const reply = await patiently(
      clock,
      () => store.retry(run.lease, traced),
      () => run.mayWrite,
    );
    if (reply === 'lost')
      run.log(undefined, "The lease was lost: whether the task is retried is another run's to decide");
    if (reply === 'requeued') run.span?.became('WAIT');
    if (reply === 'requeued')
      run.log(error, 'The run failed, and is followed by another one', 'warn', { delayMs: retry.delayMs });
    if (reply === 'stopped') run.span?.became('STOPPED');
    if (reply === 'requeued' && run.isHeard('retry')) await run.tellHooks('retry', JSON.parse(retry.event).data);
    return RETRIED[reply];
  } catch (error) {
    run.log(error, 'The retry could not be written: the task will run again');
    return 'lost';
  }
}

async function writeOutcome(run: EndingRun, outcome: Outcome, error: unknown): Promise<RunOutcome> {
  const { state, event } = outcome;
  const ended = state.toLowerCase() as Lowercase<typeof state>;
  try {
    const { clock, store } = run.environment;
    const written = await patiently(
      clock,
      () => store.finish(run.lease, outcome),
      () => run.mayWrite,
    );
    if (written) run.span?.became(state);
    // Nobody may be waiting for the result: the log is where a failure is seen. What is expected to fail now and then is no matter for whoever watches over the worker.
    if (written && state === 'ERROR') run.log(error, 'The task ended as ERROR', 'info');
    if (written && state === 'EXCEPTION') run.log(error ?? outcome.output, 'The task ended as EXCEPTION');
    if (!written) run.log(undefined, `The lease was lost: the outcome ${state} is another run's to write`);
    else if (run.isHeard(ended)) await run.tellHooks(ended, JSON.parse(event).data);
    return written ? ended : 'lost';
  } catch (error) {
    run.log(error, `The outcome ${state} could not be written: the task will run again`);
    return 'lost';
  }
}
