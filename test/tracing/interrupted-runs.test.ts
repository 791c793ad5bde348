import { SpanStatusCode } from '@opentelemetry/api';
import { TaskClient } from '../../src/client/task-client';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying, Stubborn } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { isChildOf, linksOf, mark, type ReadableSpan, Spans } from '../support/use-spans';

@Task('told')
class Told {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }

  stop(): void {
    mark('in stop');
  }

  @OnEvent('stop')
  hook(): void {
    mark('in the hook');
  }
}

@Task('deaf', { timeout: 20 })
class Deaf {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task, true);
  }
}

@Task('child')
class Child {
  start(): void {}
}

@Task('parent')
class Parent {
  constructor(private readonly client: TaskClient) {}

  async start(): Promise<void> {
    await this.client.start(Child);
  }
}

function endOf({ attributes }: ReadableSpan): unknown {
  return attributes['messaging.taskwarden.run.end'];
}

describe.each(PLACES)('a run that does not come to its end, on %s', (place) => {
  const stage = Stage.use(place);
  const spans = Spans.use();

  async function begin(task: string, worker = {}) {
    const desk = new Desk();
    const tasks = [Told, Staying, Stubborn, Deaf];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], worker: { stopTimeout: 30, ...worker } });
    await app.client.start(task, {}, { id: 'a' });
    await desk.untilBegan('a');
    return { app, desk };
  }

  test('stopped: says so, and is no failure; its stop and its hook are within its span', async () => {
    const { app } = await begin('told');
    await app.client.stop('a');
    const span = await spans().one('process told');
    expect([endOf(span), span.status.code, span.events]).toEqual(['stopped', SpanStatusCode.UNSET, []]);
    const children = spans().all.filter((one) => isChildOf(one, span));
    expect(children.map(({ name }) => name)).toEqual(['in stop', 'in the hook']);
  });

  test('stopped too late: it says that its lease was lost', async () => {
    const { app } = await begin('staying');
    await stage().setHash('a', { lease: 'of-another' });
    await app.client.stop('a');
    expect(endOf(await spans().one('process staying'))).toBe('lease-lost');
  });

  test('reloaded: the next one links to it, in the same trace', async () => {
    const { app, desk } = await begin('staying');
    await app.client.reload('a');
    const first = await spans().one('process staying');
    expect(endOf(first)).toBe('reloaded');
    desk.gate('a').open('done');
    const [, second] = await spans().until('process staying', 2);
    expect(second && [endOf(second), linksOf(second)]).toEqual(['ended', [first.spanContext().spanId]]);
    expect(second?.spanContext().traceId).toBe(first.spanContext().traceId);
  });

  test('given back by a worker that leaves: the next one, of another worker, links to it', async () => {
    const { app, desk } = await begin('staying');
    await app.close();
    const first = await spans().one('process staying');
    expect(endOf(first)).toBe('shutting-down');
    desk.gate('a').open('done');
    await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)] });
    const [, second] = await spans().until('process staying', 2);
    expect(second && linksOf(second)).toEqual([first.spanContext().spanId]);
    expect(second?.attributes['messaging.taskwarden.attempt']).toBe(2);
  });

  test('left behind: says that as well', async () => {
    const { app, desk } = await begin('stubborn');
    await app.close();
    const { attributes } = await spans().one('process stubborn');
    expect(attributes).toMatchObject({
      'messaging.taskwarden.run.end': 'shutting-down',
      'messaging.taskwarden.run.left_behind': true,
    });
    desk.gate('a').open('too late');
  });

  test('out of time, and left behind: it is a failure', async () => {
    const { desk } = await begin('deaf');
    const span = await spans().one('process deaf');
    expect(span.attributes).toMatchObject({
      'messaging.taskwarden.task.state': 'EXCEPTION',
      'messaging.taskwarden.run.left_behind': true,
      'error.type': 'TaskTimeoutError',
    });
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    desk.gate('a').open('too late');
  });

  test('its lease is lost: it says so, and nothing of its outcome', async () => {
    const { desk } = await begin('staying', { heartbeatInterval: '10s' });
    await stage().setHash('a', { lease: 'of-another' });
    desk.gate('a').open('done');
    const span = await spans().one('process staying');
    expect(endOf(span)).toBe('lease-lost');
    expect(span.attributes).not.toHaveProperty('messaging.taskwarden.task.state');
  });
});

describe('what is started', () => {
  const stage = Stage.use();
  const spans = Spans.use();

  test('by a task goes on in its trace', async () => {
    const app = await stage().app({ tasks: [Parent, Child] });
    await app.client.start(Parent);
    const [run, publish] = [await spans().one('process parent'), await spans().one('publish child')];
    expect(isChildOf(publish, run)).toBe(true);
    expect(isChildOf(await spans().one('process child'), publish)).toBe(true);
  });

  test('in one process alone has no span of its own: it would end with the process', async () => {
    const app = await stage().app({ tasks: [Child] });
    await app.startLocal(Child);
    await (await app.client.start(Child)).result({ timeout: '5s' });
    expect(await spans().until('process child')).toHaveLength(1);
  });
});
