import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { Task } from '../../src/decorators/task';
import { Stage } from '../app/stage';
import { isChildOf, Spans } from '../support/use-spans';

@Task('plain')
class Plain {
  start(): void {}
}

@Task('mail', { queue: 'mail', unique: { key: () => 'one' } })
class Mail {
  start(): void {}
}

describe('the span of a start', () => {
  const stage = Stage.use();
  const spans = Spans.use();
  const produce = async (options = {}) =>
    (await stage().app({ tasks: [Plain, Mail], worker: false, ...options })).client;

  test('tells what was published, and where to', async () => {
    const client = await produce();
    await client.start(Mail, {}, { id: 'a' });
    const span = await spans().one('publish mail');
    expect(span.kind).toBe(SpanKind.PRODUCER);
    expect(span.attributes).toEqual({
      'messaging.system': 'taskwarden',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'mail',
      'messaging.message.id': 'a',
      'messaging.taskwarden.task.name': 'mail',
    });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('is a child of the active one', async () => {
    const client = await produce();
    await spans().within('request', () => client.start(Plain));
    expect(isChildOf(await spans().one('publish plain'), await spans().one('request'))).toBe(true);
  });

  test('has its context in the hash of the task, as plain text', async () => {
    const client = await produce();
    await client.start(Plain, {}, { id: 'a' });
    const { traceId, spanId } = (await spans().one('publish plain')).spanContext();
    expect((await stage().hash('a')).trace).toBe(`00-${traceId}-${spanId}-01`);
  });

  test('records why nothing was enqueued', async () => {
    const client = await produce();
    await client.start(Plain, {}, { id: 'a' });
    await expect(client.start(Plain, {}, { id: 'a' })).rejects.toThrow();
    await expect(client.start(Plain, { odd: 1 } as never)).rejects.toThrow();
    const [, exists, invalid] = await spans().until('publish plain', 3);
    expect(exists?.status.code).toBe(SpanStatusCode.ERROR);
    expect(exists?.attributes['error.type']).toBe('TaskExistsError');
    expect(invalid?.attributes['error.type']).toBe('InputError');
    expect(invalid?.events.map(({ name }) => name)).toEqual(['exception']);
  });

  test('of a duplicate names the task that has the key, whose trace stays its own', async () => {
    const client = await produce();
    const { id } = await client.start(Mail);
    await client.start(Mail);
    const [first, second] = await spans().until('publish mail', 2);
    expect(second?.attributes).toMatchObject({ 'messaging.message.id': id, 'messaging.taskwarden.duplicate': true });
    expect((await stage().hash(id)).trace).toContain(first?.spanContext().spanId);
  });

  test('is one for a call that starts many, and each task carries it', async () => {
    const client = await produce();
    await client.startMany(Plain, [
      ['a', {}],
      ['b', {}],
      ['c', { odd: 1 } as never],
    ]);
    const span = await spans().one('publish plain');
    expect(span.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
    expect(span.attributes).not.toHaveProperty('messaging.message.id');
    const { traceId, spanId } = span.spanContext();
    for (const id of ['a', 'b']) expect((await stage().hash(id)).trace).toBe(`00-${traceId}-${spanId}-01`);
  });

  test('of many that ended early says how far it came', async () => {
    const client = await produce();
    function* inputs() {
      yield {};
      throw new Error('the source broke');
    }
    await expect(client.startMany(Plain, inputs())).rejects.toThrow('the source broke');
    const span = await spans().one('publish plain');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'messaging.batch.message_count': 1, 'error.type': 'StartManyError' });
  });

  test('is not made with tracing: false, nor is anything written', async () => {
    const client = await produce({ tracing: false });
    await client.start(Plain, {}, { id: 'a' });
    expect(spans().all).toEqual([]);
    expect(await stage().hash('a')).not.toHaveProperty('trace');
  });
});

describe('without an SDK', () => {
  const stage = Stage.use();

  test('nothing is written', async () => {
    const { client } = await stage().app({ tasks: [Plain], worker: false, tracing: true });
    await client.start(Plain, {}, { id: 'a' });
    await client.startMany(Plain, [['b', {}]]);
    for (const id of ['a', 'b']) expect(await stage().hash(id)).not.toHaveProperty('trace');
  });
});
