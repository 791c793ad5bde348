import { encodeEvent, type TaskEvent } from '../../src/task/event';
import { eventually } from '../support/eventually';
import type { ContractBackend, MakeBackend } from './backend';

/** What every event bus must carry, from our stores and from foreign programs alike. */
export function describeEventBus(name: string, makeBackend: MakeBackend): void {
  describe(`${name}: events of tasks`, () => describeEvents(makeBackend));
  describe(`${name}: control messages`, () => describeControl(makeBackend));
  describe(`${name}: the end of subscriptions`, () => describeEnds(makeBackend));
}

/** A backend for every test of the `describe` around, and what a test hears on it. */
function useBus(makeBackend: MakeBackend) {
  let backend: ContractBackend;
  beforeEach(async () => {
    backend = await makeBackend();
  });
  afterEach(() => backend.close());
  return {
    get events() {
      return backend.events;
    },
    publish: (id: string, event: string, data: unknown = null) =>
      backend.raw.publish(backend.keys.task(id), encodeEvent(event, data)),
    publishText: (id: string, text: string) => backend.raw.publish(backend.keys.task(id), text),
    control: (id: string, text: string) => backend.raw.publish(backend.keys.control(id), text),
  };
}

function record(): { heard: string[]; listener: (event: TaskEvent) => void } {
  const heard: string[] = [];
  return { heard, listener: ({ taskId, event, data }) => heard.push(`${taskId} ${event} ${JSON.stringify(data)}`) };
}

function describeEvents(makeBackend: MakeBackend): void {
  const bus = useBus(makeBackend);

  test('the events of one task are heard', async () => {
    const { heard, listener } = record();
    await bus.events.onTask('a', listener);
    await bus.publish('a', 'probed', { n: 1 });
    await eventually(() => expect(heard).toEqual(['a probed {"n":1}']));
  });

  test('the events of other tasks are not heard', async () => {
    const { heard, listener } = record();
    await bus.events.onTask('a', listener);
    await bus.publish('ab', 'probed');
    await bus.publish('a', 'last');
    await eventually(() => expect(heard).toContain('a last null'));
    expect(heard).toEqual(['a last null']);
  });

  test('who listens to every task hears every task', async () => {
    const { heard, listener } = record();
    await bus.events.onEvery(listener);
    await bus.publish('a', 'one');
    await bus.publish('b', 'two');
    await eventually(() => expect(heard.sort()).toEqual(['a one null', 'b two null']));
  });

  test('every listener hears an event once', async () => {
    const { heard, listener } = record();
    await bus.events.onTask('a', listener);
    await bus.events.onTask('a', listener);
    await bus.events.onEvery(listener);
    await bus.publish('a', 'one');
    await bus.publish('a', 'two');
    // Sorted: in a cluster two messages may enter at two nodes, and overtake each other.
    const all = [...Array(3).fill('a one null'), ...Array(3).fill('a two null')];
    await eventually(() => expect(heard.toSorted()).toEqual(all));
  });

  test('an event by a foreign program without data carries null', async () => {
    const { heard, listener } = record();
    await bus.events.onTask('a', listener);
    await bus.publishText('a', '{"event": "own"}');
    await eventually(() => expect(heard).toEqual(['a own null']));
  });

  test('text beyond ASCII arrives as it was sent', async () => {
    const { heard, listener } = record();
    await bus.events.onTask('ä€', listener);
    await bus.publish('ä€', 'own', 'é😀');
    await eventually(() => expect(heard).toEqual(['ä€ own "é😀"']));
  });

  test.each(['no JSON', '[1]', 'null', '{"data":1}', '{"event":1}', ''])(
    'a text that is no event is passed over: %j',
    async (text) => {
      const { heard, listener } = record();
      await bus.events.onTask('a', listener);
      await bus.publishText('a', text);
      await bus.publish('a', 'last');
      await eventually(() => expect(heard).toEqual(['a last null']));
    },
  );

  test('who listens to every task hears no control messages', async () => {
    const { heard, listener } = record();
    await bus.events.onEvery(listener);
    await bus.control('a', encodeEvent('looks-like-one', null));
    await bus.publish('a', 'last');
    await eventually(() => expect(heard).toContain('a last null'));
    expect(heard).toEqual(['a last null']);
  });
}

function describeControl(makeBackend: MakeBackend): void {
  const bus = useBus(makeBackend);

  async function listen(): Promise<string[]> {
    const heard: string[] = [];
    await bus.events.onControl((taskId, message) => heard.push(`${taskId} ${message}`));
    return heard;
  }

  test('control messages of all tasks are heard, whoever sent them', async () => {
    const heard = await listen();
    await bus.control('a', 'stop');
    await bus.control('b', 'reload');
    await eventually(() => expect(heard.sort()).toEqual(['a stop', 'b reload']));
  });

  test.each(['Stop', 'remove', '"stop"', ''])('a text that is no control message is passed over: %j', async (text) => {
    const heard = await listen();
    await bus.control('a', text);
    await bus.control('a', 'reload');
    await eventually(() => expect(heard).toEqual(['a reload']));
  });

  test('events are no control messages', async () => {
    const heard = await listen();
    await bus.publishText('a', 'stop');
    await bus.control('a', 'reload');
    await eventually(() => expect(heard).toEqual(['a reload']));
  });
}

function describeEnds(makeBackend: MakeBackend): void {
  const bus = useBus(makeBackend);

  test('a listener that comes as the last one leaves hears what follows', async () => {
    const left = record();
    const come = record();
    for (let turn = 0; turn < 5; turn++) {
      const unsubscribe = await bus.events.onTask('a', left.listener);
      const leaving = unsubscribe();
      const stays = await bus.events.onTask('a', come.listener);
      await leaving;
      await bus.publish('a', `turn ${turn}`);
      await eventually(() => expect(come.heard).toContain(`a turn ${turn} null`));
      await stays();
    }
    expect(left.heard).toEqual([]);
  });

  test('a listener that ended its subscription hears nothing more', async () => {
    const ended = record();
    const other = record();
    const unsubscribe = await bus.events.onTask('a', ended.listener);
    await bus.events.onTask('a', other.listener);
    await unsubscribe();
    await bus.publish('a', 'late');
    await eventually(() => expect(other.heard).toEqual(['a late null']));
    expect(ended.heard).toEqual([]);
  });

  test('the last of several listeners may end, and another begin', async () => {
    const ended = record();
    const next = record();
    const unsubscribe = await bus.events.onEvery(ended.listener);
    await unsubscribe();
    await bus.events.onEvery(next.listener);
    await bus.publish('a', 'one');
    await eventually(() => expect(next.heard).toEqual(['a one null']));
    expect(ended.heard).toEqual([]);
  });

  test('a subscription may be ended twice, and takes no other with it', async () => {
    const first = record();
    const second = record();
    const unsubscribe = await bus.events.onTask('a', first.listener);
    await bus.events.onTask('a', second.listener);
    await unsubscribe();
    await unsubscribe();
    await bus.publish('a', 'one');
    await eventually(() => expect(second.heard).toEqual(['a one null']));
  });

  test('a bus may be closed twice', async () => {
    await bus.events.onEvery(() => {});
    await bus.events.close();
    await expect(bus.events.close()).resolves.toBeUndefined();
  });
}
