import type * as OpenTelemetry from '@opentelemetry/api';
import type { Attributes, Context, ProxyTracerProvider, SpanContext, Tracer } from '@opentelemetry/api';
import { scheduleOfFiring } from '../schedule/schedule';
import { DEFAULT_QUEUE } from '../task/queue-name';
import { type Carrier, decodeCarrier, encodeCarrier } from './carrier';
import { OpenTelemetryPublishSpan, OpenTelemetryRunSpan } from './spans';
import type { PublishSpan, RunSpan, TracedRun, TracedStart, Tracing } from './tracing';

/** The scope of the spans; also the name of the system, which the conventions for messaging ask for. */
const NAME = 'taskwarden';

/**
 * Makes spans by the conventions for messaging.
 * @see docs/guides/tracing.md
 */
export class OpenTelemetryTracing implements Tracing {
  constructor(private readonly api: typeof OpenTelemetry) {}

  publish(start: TracedStart, id: string | undefined): PublishSpan | undefined {
    try {
      const tracer = this.tracer();
      return tracer && this.startPublish(tracer, start, id);
    } catch (error) {
      return this.failed(error);
    }
  }

  process(run: TracedRun, worker: string): RunSpan | undefined {
    // What runs as long as its worker would be a span that never ends, and the parent of all that it does.
    if (run.lease.local) return undefined;
    try {
      const tracer = this.tracer();
      return tracer && this.startRun(tracer, run, worker);
    } catch (error) {
      return this.failed(error);
    }
  }

  /** undefined until an SDK is registered, which may come after the app was made. */
  private tracer(): Tracer | undefined {
    const provider = this.api.trace.getTracerProvider() as Partial<ProxyTracerProvider>;
    // That of the API, of whatever copy, answers what stands behind it.
    return provider.getDelegateTracer ? provider.getDelegateTracer(NAME) : provider.getTracer?.(NAME);
  }

  private startPublish(tracer: Tracer, { taskName, queue }: TracedStart, id: string | undefined): PublishSpan {
    const { context, trace, SpanKind } = this.api;
    const parent = context.active();
    const attributes = attributesOf('publish', 'send', taskName, queue, id);
    const span = tracer.startSpan(`publish ${taskName}`, { kind: SpanKind.PRODUCER, attributes }, parent);
    const text = this.textOf(trace.setSpan(parent, span));
    return new OpenTelemetryPublishSpan(this.api, span, text);
  }

  private startRun(
    tracer: Tracer,
    { lease, name = 'unknown', attempt, trace: told }: TracedRun,
    worker: string,
  ): RunSpan {
    const { trace, ROOT_CONTEXT, SpanKind } = this.api;
    // Never the active context: that of a worker is whatever was active where its app was started.
    const parent = told?.start === undefined ? ROOT_CONTEXT : this.contextOf(told.start);
    const former = told?.former === undefined ? undefined : this.spanContextOf(told.former);
    const schedule = scheduleOfFiring(lease.id);
    const attributes: Attributes = {
      ...attributesOf('process', 'process', name, lease.queue ?? DEFAULT_QUEUE, lease.id),
      'messaging.client.id': worker,
      'messaging.taskwarden.attempt': attempt,
      ...(schedule !== undefined && { 'messaging.taskwarden.schedule': schedule }),
    };
    const links = former ? [{ context: former }] : [];
    const span = tracer.startSpan(`process ${name}`, { kind: SpanKind.CONSUMER, attributes, links }, parent);
    // Mostly nobody asks for its text: no attempt follows.
    const text = () => this.textOf(trace.setSpan(ROOT_CONTEXT, span));
    return new OpenTelemetryRunSpan(this.api, span, trace.setSpan(parent, span), text);
  }

  /** By the propagator of the SDK. */
  private textOf(context: Context): string | undefined {
    const carrier: Carrier = {};
    this.api.propagation.inject(context, carrier);
    return encodeCarrier(carrier);
  }

  /** Malformed text makes a root. */
  private contextOf(text: string): Context {
    return this.api.propagation.extract(this.api.ROOT_CONTEXT, decodeCarrier(text));
  }

  private spanContextOf(text: string): SpanContext | undefined {
    const found = this.api.trace.getSpanContext(this.contextOf(text));
    return found && this.api.isSpanContextValid(found) ? found : undefined;
  }

  /** What an SDK throws is no matter of the task. */
  private failed(error: unknown): undefined {
    this.api.diag.error('taskwarden: a span could not be made', error);
  }
}

function attributesOf(
  operation: 'publish' | 'process',
  /** As the conventions call it. */
  type: 'send' | 'process',
  task: string,
  queue: string,
  id: string | undefined,
): Attributes {
  return {
    'messaging.system': NAME,
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': queue,
    ...(id !== undefined && { 'messaging.message.id': id }),
    'messaging.taskwarden.task.name': task,
  };
}
