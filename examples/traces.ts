// Spans of starts and runs, in one trace across processes. node build/examples/traces.js
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createApp, Task, TaskClient, TaskContext } from 'taskwarden';

// A real program has NodeSDK here, with an exporter that sends the spans to a collector.
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
const tracer = trace.getTracer('shop');

@Task('mail')
class Mail {
  start(): void {}
}

@Task('order', { retry: { attempts: 2, delay: 10 } })
class Order {
  constructor(private readonly client: TaskClient) {}

  async start(task: TaskContext): Promise<void> {
    tracer.startSpan('charge the card').end(); // a child of this run's span, as is what a library makes
    if (task.attempt === 1) throw new Error('the bank is busy');
    const mail = await this.client.start(Mail);
    await mail.result();
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Order, Mail], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  await tracer.startActiveSpan('POST /orders', async (request) => {
    const order = await app.client.start(Order);
    request.end();
    await order.result();
  });
  await app.close(); // then the SDK: what it still has is sent by its own shutdown
  const spans = exporter.getFinishedSpans();
  const [root] = spans.filter(({ name }) => name === 'POST /orders');
  if (root) print(spans, root, '');
  console.log(`Traces: ${new Set(spans.map((span) => span.spanContext().traceId)).size}`);
}

function print(spans: readonly ReadableSpan[], span: ReadableSpan, indent: string): void {
  const { attributes, links, name } = span;
  const end = attributes['messaging.taskwarden.run.end'];
  const linked = links.length > 0 ? ', linked to the attempt before' : '';
  console.log(`${indent}${name}${end === undefined ? '' : `: ${end}${linked}`}`);
  const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId);
  for (const child of children) print(spans, child, `${indent}  `);
}

void main();
