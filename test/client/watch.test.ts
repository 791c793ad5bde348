import { Task } from '../../src/decorators/task';
import { TaskIdError } from '../../src/errors';
import { EVENT_BUS, type EventBus } from '../../src/events/event-bus';
import { encodeEvent, type TaskEvent } from '../../src/task/event';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

/** Waits to be let go, then counts to five. */
@Task('counting')
class Counting {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<string> {
    await this.desk.stay(task);
    for (let n = 1; n <= 5; n++) await task.emit('count', n);
    return 'done';
  }
}

/** What the tests publish to find out whether a watcher hears. */
const MARKER = 'test-marker';

async function collect(events: AsyncIterable<TaskEvent>): Promise<[string, unknown][]> {
  const all: [string, unknown][] = [];
  for await (const { event, data } of events) if (event !== MARKER) all.push([event, data]);
  return all;
}

describe.each(PLACES)('watching a task, on %s', (place) => {
  const stage = Stage.use(place);

  async function begin() {
    const desk = new Desk();
    const app = await stage().app({ tasks: [Counting], providers: [Desk.provide(desk)] });
    const handle = await app.client.start(Counting, {}, { id: 'a' });
    await desk.untilBegan('a');
    return { desk, app, client: app.client, handle };
  }

  /** Has a watcher subscribe, which it does when it is first read. */
  async function listening(events: AsyncIterable<TaskEvent>): Promise<AsyncIterable<TaskEvent>> {
    const iterator = events[Symbol.asyncIterator]();
    let heard = false;
    const first = iterator.next().then(() => {
      heard = true;
    });
    const { keys, raw } = stage().backend;
    await eventually(async () => {
      await raw.publish(keys.task('a'), encodeEvent(MARKER, null));
      expect(heard).toBe(true);
    });
    await first;
    return { [Symbol.asyncIterator]: () => iterator };
  }

  test('gives its events in order, and ends after its end', async () => {
    const { desk, handle } = await begin();
    const events = await listening(handle.watch());
    desk.gate('a').open(undefined);
    const counts = [1, 2, 3, 4, 5].map((n) => ['count', n]);
    expect(await collect(events)).toEqual([...counts, ['success', 'done']]);
  });

  test('ends after a stop', async () => {
    const { handle } = await begin();
    const events = await listening(handle.watch());
    await handle.stop();
    expect((await collect(events)).at(-1)).toEqual(['stop', null]);
  });

  test('ends after a removal', async () => {
    const { handle } = await begin();
    const events = await listening(handle.watch());
    await handle.remove();
    expect((await collect(events)).at(-1)).toEqual(['remove', null]);
  });

  test('misses nothing from the moment of the call on, whenever it is read', async () => {
    const { desk, client, handle } = await begin();
    const events = client.watch('a');
    await stage().record('a');
    desk.gate('a').open(undefined);
    await handle.result({ timeout: '5s' });
    expect((await collect(events)).at(-1)).toEqual(['success', 'done']);
  });

  test('that has ended gives nothing', async () => {
    const { desk, client, handle } = await begin();
    desk.gate('a').open(undefined);
    await handle.result({ timeout: '5s' });
    expect(await collect(client.watch('a'))).toEqual([]);
  });

  test('that does not exist gives nothing', async () => {
    const { client } = await begin();
    expect(await collect(client.watch('nobody'))).toEqual([]);
  });

  test('by two gives both everything', async () => {
    const { desk, handle } = await begin();
    const watchers = await Promise.all([listening(handle.watch()), listening(handle.watch())]);
    desk.gate('a').open(undefined);
    for (const events of watchers) expect(await collect(events)).toHaveLength(6);
  });

  test('unsubscribes when the reader leaves early', async () => {
    const { app, client } = await begin();
    const bus = app.get<EventBus>(EVENT_BUS);
    const onTask = bus.onTask.bind(bus);
    const open = new Set<object>();
    bus.onTask = async (id, listener) => {
      const unsubscribe = await onTask(id, listener);
      open.add(unsubscribe);
      return async () => {
        open.delete(unsubscribe);
        await unsubscribe();
      };
    };
    const events = await listening(client.watch('a'));
    expect(open.size).toBe(1);
    await stage().backend.raw.publish(stage().backend.keys.task('a'), encodeEvent('last', null));
    for await (const { event } of events) if (event === 'last') break;
    expect(open.size).toBe(0);
  });

  test('under an impossible id is refused', async () => {
    const { client } = await begin();
    await expect((async () => collect(client.watch('a{')))()).rejects.toBeInstanceOf(TaskIdError);
  });

  test('ends when the app closes', async () => {
    await begin();
    const other = await stage().app();
    const events = await listening(other.client.watch('a'));
    await other.close();
    expect(await collect(events)).toEqual([]);
  }, 5_000);
});
