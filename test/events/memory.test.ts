import { SystemClock } from '../../src/clock';
import { MemoryEventBus } from '../../src/events/memory-event-bus';
import { MemoryBroker } from '../../src/store/memory/memory-broker';
import { MemoryTaskStore } from '../../src/store/memory/memory-task-store';
import { describeEventBus } from '../contract/event-bus.contract';
import { eventually } from '../support/eventually';
import { makeMemoryBackend } from '../support/memory-backend';

describeEventBus('memory', makeMemoryBackend);

describe('memory: listeners', () => {
  const task = { id: 'a', name: 'probe', data: '{}', cleanup: true };

  async function setUp() {
    const errors: unknown[] = [];
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: (fields: object) => errors.push(fields) };
    const broker = new MemoryBroker(new SystemClock(), undefined, logger);
    return { store: new MemoryTaskStore(broker), events: new MemoryEventBus(broker), errors };
  }

  test('a listener that throws disturbs neither the store nor the other listeners', async () => {
    const { store, events, errors } = await setUp();
    const heard: string[] = [];
    const refusal = new RangeError('of the listener');
    await events.onEvery(() => {
      throw refusal;
    });
    await events.onEvery(({ event }) => heard.push(event));
    await store.enqueue([task]);
    expect(await store.requestStop('a')).toBe('done');
    await eventually(() => expect(heard).toEqual(['stop']));
    expect(errors).toEqual([expect.objectContaining({ err: refusal })]);
  });

  test('a listener is not called inside the call that publishes', async () => {
    const { store, events } = await setUp();
    const heard: string[] = [];
    await events.onEvery(({ event }) => heard.push(event));
    await store.enqueue([task]);
    const stopping = store.requestStop('a');
    expect(heard).toEqual([]);
    await stopping;
    await eventually(() => expect(heard).toEqual(['stop']));
  });

  test('a listener that ended its subscription hears nothing that was published before', async () => {
    const { store, events } = await setUp();
    const heard: string[] = [];
    const unsubscribe = await events.onEvery(({ event }) => heard.push(event));
    await store.enqueue([task]);
    const stopping = store.requestStop('a');
    await unsubscribe();
    await stopping;
    expect(heard).toEqual([]);
  });
});
