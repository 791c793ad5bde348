import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import { RetryError } from '../../src/task/retry-error';
import { TaskContext } from '../../src/task/task-context';
import { PLACES, Stage } from '../app/stage';
import { isChildOf, linksOf, mark, Spans } from '../support/use-spans';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

@Task('child')
class Child {
  start(): void {
    mark('in the child');
  }
}

@Task('work')
class Work {
  async start(task: TaskContext): Promise<void> {
    mark('before a pause');
    await task.emit('half');
    mark('after it');
  }

  @OnEvent('start')
  @OnEvent('half')
  @OnEvent('success')
  hook(): void {
    mark('in a hook');
  }
}

@Task('expected')
class Expected {
  start(): never {
    throw new TaskError('there is no such file');
  }
}

@Task('broken')
class Broken {
  start(): never {
    throw new RangeError('out of range');
  }
}

@Task('endless-number')
class EndlessNumber {
  start(): bigint {
    return 1n;
  }
}

@Task('counted')
class Counted {
  private runs = 0;

  start(): number {
    this.runs += 1;
    return this.runs;
  }
}

@Task('third-time', { retry: { attempts: 3, delay: 1, jitter: 0 } })
class ThirdTime {
  start(task: TaskContext): void {
    if (task.attempt === 1) throw new Error('no luck');
    if (task.attempt === 2) throw new RetryError('later', { delay: 1 });
  }
}

@Task('baggage')
class Baggage {
  start(): string | undefined {
    return propagation.getActiveBaggage()?.getEntry('tenant')?.value;
  }
}

const TASKS = [Child, Work, Expected, Broken, EndlessNumber, ThirdTime, Counted, Baggage];

describe.each(PLACES)('the span of a run, on %s', (place) => {
  const stage = Stage.use(place);
  const spans = Spans.use();
  const work = async (options = {}) => (await stage().app({ tasks: TASKS, ...options })).client;

  test('is a child of that of the start, and tells what ran and what became of it', async () => {
    const client = await work();
    const { id } = await client.start(Child);
    const span = await spans().one('process child');
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(isChildOf(span, await spans().one('publish child'))).toBe(true);
    expect(span.attributes).toEqual({
      'messaging.system': 'taskwarden',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'default',
      'messaging.message.id': id,
      'messaging.client.id': expect.any(String),
      'messaging.taskwarden.task.name': 'child',
      'messaging.taskwarden.attempt': 1,
      'messaging.taskwarden.run.end': 'ended',
      'messaging.taskwarden.task.state': 'SUCCESS',
    });
    expect([span.status.code, span.links]).toEqual([SpanStatusCode.UNSET, []]);
  });

  test('is active in the code of the task, in middleware and in hooks', async () => {
    const middleware = [
      (_task: TaskContext, next: () => Promise<unknown>) => {
        mark('in middleware');
        return next();
      },
    ];
    await (await work({ middleware })).start(Work);
    const run = await spans().one('process work');
    const children = spans().all.filter((span) => isChildOf(span, run));
    expect(children.map(({ name }) => name).sort()).toEqual([
      'after it',
      'before a pause',
      'in a hook',
      'in a hook',
      'in a hook',
      'in middleware',
    ]);
  });

  test('of an expected failure has the error, and no status of one', async () => {
    await (await work()).start(Expected);
    const span = await spans().one('process expected');
    expect(span.attributes).toMatchObject({ 'messaging.taskwarden.task.state': 'ERROR' });
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.events[0]?.attributes).toMatchObject({ 'exception.message': 'there is no such file' });
  });

  test('of any other failure has both', async () => {
    const client = await work();
    await client.start(Broken);
    await client.start(EndlessNumber);
    const span = await spans().one('process broken');
    expect(span.attributes).toMatchObject({
      'error.type': 'RangeError',
      'messaging.taskwarden.task.state': 'EXCEPTION',
    });
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'out of range' });
    expect(span.events[0]?.attributes).toMatchObject({ 'exception.stacktrace': expect.stringContaining('RangeError') });
    expect((await spans().one('process endless-number')).status.code).toBe(SpanStatusCode.ERROR);
  });

  test('of another attempt links to that of the former one, in the trace of the start', async () => {
    await (await work()).start(ThirdTime);
    const attempts = await spans().until('process third-time', 3);
    const publish = await spans().one('publish third-time');
    const [first, second] = attempts.map((span) => span.spanContext().spanId);
    expect(attempts.map((span) => isChildOf(span, publish))).toEqual([true, true, true]);
    expect(attempts.map(linksOf)).toEqual([[], [first], [second]]);
    const ends = attempts.map(({ attributes }) => attributes['messaging.taskwarden.run.end']);
    expect(ends).toEqual(['retried', 'retried', 'ended']);
    const { ERROR, UNSET } = SpanStatusCode;
    expect(attempts.map((span) => span.status.code)).toEqual([ERROR, UNSET, UNSET]);
  });

  test.each([
    ['the plain text', TRACEPARENT],
    ['JSON', JSON.stringify({ traceparent: TRACEPARENT, tracestate: 'vendor=1' })],
  ])('joins the trace that another program has begun, by %s', async (_how, text) => {
    await stage().setHash('a', { task: 'child', trace: text });
    await stage().push('a');
    await work();
    const span = await spans().one('process child');
    expect(span.spanContext().traceId).toBe(TRACE_ID);
    expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  });

  test.each([
    '',
    'nonsense',
    '{"traceparent":',
    '{"traceparent":7}',
    '[]',
    'null',
    '{}',
    `${TRACEPARENT}-more`,
    '00-0-0-00',
  ])('is a root where the field is %j', async (text) => {
    await stage().setHash('a', { task: 'child', trace: text, attempt: '1', attempt_trace: text });
    await stage().push('a');
    await work();
    const span = await spans().one('process child');
    expect([span.parentSpanContext, span.links]).toEqual([undefined, []]);
    expect(span.attributes).toMatchObject({ 'messaging.taskwarden.task.state': 'SUCCESS' });
  });

  test.each(['onStart', 'onEnd'] as const)('that an SDK fails to make is no matter of the task: %s', async (method) => {
    const client = await work();
    spans().failing = method;
    const handle = await client.start(ThirdTime);
    expect(await handle.result({ timeout: '5s' })).toBeNull();
  });

  test.each(['before', 'after'])('goes on, once, with an SDK whose context throws %s it', async (when) => {
    const client = await work();
    const enter = context.with.bind(context);
    const broken: typeof enter = (...args) => {
      if (when === 'after') enter(...args);
      throw new Error('no context');
    };
    const entered = jest.spyOn(context, 'with').mockImplementation(broken as typeof context.with);
    const handle = await client.start(Counted);
    expect(await handle.result({ timeout: '5s' })).toBe(1);
    entered.mockRestore();
  });

  test('carries the baggage of the start', async () => {
    const client = await work();
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
    const handle = await context.with(propagation.setBaggage(context.active(), baggage), () => client.start(Baggage));
    expect(await handle.result({ timeout: '5s' })).toBe('acme');
  });

  test('of a schedule is a root that names it, also where the app was made within a span', async () => {
    await stage().setHash('schedule:nightly:1795507007000', { task: 'child' });
    await stage().push('schedule:nightly:1795507007000');
    await spans().within('start-up', () => work());
    const span = await spans().one('process child');
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes).toMatchObject({ 'messaging.taskwarden.schedule': 'nightly' });
  });
});
