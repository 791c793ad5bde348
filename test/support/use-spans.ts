import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { eventually } from './eventually';

export type { ReadableSpan };

/** The spans of a test, by an SDK that is registered for it alone. */
export class Spans {
  /** Of an SDK that is broken: which call of its span processor throws. */
  failing: 'onStart' | 'onEnd' | undefined;
  private readonly exporter = new InMemorySpanExporter();

  private constructor() {
    const fail = (method: 'onStart' | 'onEnd') => {
      if (this.failing === method) throw new Error(`${method} is broken`);
    };
    const broken: SpanProcessor = {
      onStart: () => fail('onStart'),
      onEnd: () => fail('onEnd'),
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.exporter), broken] }).register();
  }

  static use(): () => Spans {
    let spans: Spans | undefined;
    beforeEach(() => {
      spans = new Spans();
    });
    afterEach(() => {
      trace.disable();
      context.disable();
      propagation.disable();
    });
    return () => spans as Spans;
  }

  get all(): ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  named(name: string): ReadableSpan[] {
    return this.all.filter((span) => span.name === name);
  }

  /** Waits until so many of a name have ended, and answers them. */
  until(name: string, count = 1): Promise<ReadableSpan[]> {
    return eventually(() => {
      expect(this.named(name)).toHaveLength(count);
      return this.named(name);
    });
  }

  async one(name: string): Promise<ReadableSpan> {
    return (await this.until(name))[0] as ReadableSpan;
  }

  /** Runs code within a span of the test's own. */
  within<T>(name: string, code: () => Promise<T>): Promise<T> {
    return trace.getTracer('test').startActiveSpan(name, async (span) => {
      try {
        return await code();
      } finally {
        span.end();
      }
    });
  }
}

/** A span of no length, as code makes it that is traced by itself. */
export function mark(name: string): void {
  trace.getTracer('test').startSpan(name).end();
}

/** Whether a span is the child of another. */
export function isChildOf(child: ReadableSpan, parent: ReadableSpan): boolean {
  const { traceId, spanId } = parent.spanContext();
  return child.spanContext().traceId === traceId && child.parentSpanContext?.spanId === spanId;
}

/** The ids of the spans that it links to. */
export function linksOf(span: ReadableSpan): string[] {
  return span.links.map((link) => link.context.spanId);
}
