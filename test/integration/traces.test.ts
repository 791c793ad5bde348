import { createApp, Task } from 'taskwarden';
import { WorkerProcess } from '../../src/testing';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { Spans } from '../support/use-spans';

/** A span of the other process. */
interface ToldSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly links: readonly string[];
}

@Task('order')
class Order {
  start(): void {}
}

describe('a producer and a worker in two processes', () => {
  const server = useServer(() => startRedis());
  const spans = Spans.use();
  let worker: WorkerProcess | undefined;
  afterEach(() => worker?.crash());

  test('are in one trace, with every attempt and with what the task starts', async () => {
    const nodeArgs = ['--require', './test/support/register-typescript.cjs'];
    const options = { nodeArgs, env: { REDIS_URL: server().url }, readyLine: 'ready', readyTimeout: '30s' };
    worker = await WorkerProcess.start('test/support/traced-worker.ts', options);
    const app = await createApp({ redis: server().url, tasks: [Order], worker: false, logger: false });
    await spans().within('request', () => app.client.start(Order));
    await app.close();
    await worker.waitForLine('followed up');
    worker.kill('SIGTERM');
    await worker.exited;

    const told = worker.stdoutLines
      .filter((line) => line.startsWith('span '))
      .map((line): ToldSpan => JSON.parse(line.slice('span '.length)));
    const publish = (await spans().one('publish order')).spanContext();
    const [first, second] = told.filter(({ name }) => name === 'process order');
    expect(told.map(({ traceId }) => traceId)).toEqual(told.map(() => publish.traceId));
    expect([first?.parentId, second?.parentId]).toEqual([publish.spanId, publish.spanId]);
    expect([first?.links, second?.links]).toEqual([[], [first?.spanId]]);
    const parentOf = (name: string) => told.filter((span) => span.name === name).map(({ parentId }) => parentId);
    expect(parentOf('user code')).toEqual([first?.spanId, second?.spanId]);
    expect(parentOf('publish follow-up')).toEqual([second?.spanId]);
    const [followUp] = told.filter(({ name }) => name === 'publish follow-up');
    expect(parentOf('process follow-up')).toEqual([followUp?.spanId]);
  });
});
