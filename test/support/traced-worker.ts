import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createApp, Task, TaskClient, TaskContext } from 'taskwarden';

/** A worker whose runs are traced, in a process of its own. It prints `followed up` in the last of them, and as it leaves each span: `span <json>`. */

const exporter = new InMemorySpanExporter();

@Task('follow-up')
class FollowUp {
  start(): void {
    console.log('followed up');
  }
}

/** Fails once, and starts another task. */
@Task('order', { retry: { attempts: 2, delay: 1 } })
class Order {
  constructor(private readonly client: TaskClient) {}

  async start(task: TaskContext): Promise<void> {
    trace.getTracer('test').startSpan('user code').end();
    if (task.attempt === 1) throw new Error('no luck');
    await this.client.start(FollowUp);
  }
}

async function main(): Promise<void> {
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  const app = await createApp({ tasks: [Order, FollowUp], redis: process.env.REDIS_URL, logger: false });
  const served = app.run();
  await app.start();
  console.log('ready');
  await served;
  for (const span of exporter.getFinishedSpans()) {
    const { traceId, spanId } = span.spanContext();
    const links = span.links.map((link) => link.context.spanId);
    const told = { name: span.name, traceId, spanId, parentId: span.parentSpanContext?.spanId, links };
    console.log(`span ${JSON.stringify(told)}`);
  }
}

void main();
