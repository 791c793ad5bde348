import type * as OpenTelemetry from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { type AbortReason, TaskError } from '../errors';
import { RetryError } from '../task/retry-error';
import type { TaskState } from '../task/state';
import type { PublishSpan, RunSpan } from './tracing';

type Api = typeof OpenTelemetry;

export class OpenTelemetryPublishSpan implements PublishSpan {
  constructor(
    private readonly api: Api,
    private readonly span: Span,
    readonly trace: string | undefined,
  ) {}

  duplicateOf(id: string): void {
    guarded(this.api, () => {
      this.span.setAttributes({ 'messaging.message.id': id, 'messaging.taskwarden.duplicate': true });
    });
  }

  failed(error: unknown): void {
    guarded(this.api, () => fail(this.api, this.span, error));
  }

  end(count?: number): void {
    guarded(this.api, () => {
      if (count !== undefined) this.span.setAttribute('messaging.batch.message_count', count);
      this.span.end();
    });
  }
}

export class OpenTelemetryRunSpan implements RunSpan {
  private failure: { readonly error: unknown } | undefined;
  private state: TaskState | undefined;
  private isLeftBehind = false;
  private ended = false;

  constructor(
    private readonly api: Api,
    private readonly span: Span,
    private readonly context: Context,
    private readonly text: () => string | undefined,
  ) {}

  get trace(): string | undefined {
    return guarded(this.api, this.text);
  }

  within<T>(code: () => T): T {
    const outcomes: (() => T)[] = [];
    // The code is called once, whatever the SDK throws before or after it.
    guarded(this.api, () => this.api.context.with(this.context, () => outcomes.push(outcomeOf(code))));
    const [outcome = code] = outcomes;
    return outcome();
  }

  threw(error: unknown): void {
    this.failure = { error };
  }

  became(state: TaskState): void {
    this.state = state;
  }

  leftBehind(): void {
    this.isLeftBehind = true;
  }

  end(reason: 'ended' | AbortReason): void {
    if (this.ended) return;
    this.ended = true;
    const { api, span, state } = this;
    const end = reason === 'ended' && state === 'WAIT' ? 'retried' : reason;
    guarded(api, () => {
      span.setAttribute('messaging.taskwarden.run.end', end);
      if (state !== undefined) span.setAttribute('messaging.taskwarden.task.state', state);
      if (this.isLeftBehind) span.setAttribute('messaging.taskwarden.run.left_behind', true);
    });
    // What an interrupted run throws is mostly that it was interrupted.
    if (reason === 'ended') guarded(api, () => this.tellFailure());
    guarded(api, () => span.end());
  }

  private tellFailure(): void {
    const { api, span, state, failure } = this;
    const error = failure?.error;
    const isExpected = error instanceof TaskError || error instanceof RetryError;
    if (state === 'EXCEPTION' || (state === 'WAIT' && !isExpected)) fail(api, span, error);
    else if (failure) record(span, error);
  }
}

/** Calls the code. @returns What returns or throws the same. */
function outcomeOf<T>(code: () => T): () => T {
  try {
    const value = code();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function fail(api: Api, span: Span, error: unknown): void {
  span.setStatus({ code: api.SpanStatusCode.ERROR, ...(error instanceof Error && { message: String(error.message) }) });
  span.setAttribute('error.type', error instanceof Error ? String(error.name) : '_OTHER');
  record(span, error);
}

function record(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
}

/** What an SDK throws, or an error that cannot even be looked at, is no matter of the task. */
function guarded<T>(api: Api, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    api.diag.error('taskwarden: a span could not be written', error);
    return undefined;
  }
}
