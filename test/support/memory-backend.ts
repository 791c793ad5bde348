import { type Clock, SystemClock } from '../../src/clock';
import { MemoryEventBus } from '../../src/events/memory-event-bus';
import { MemoryBroker } from '../../src/store/memory/memory-broker';
import { MemoryTaskReader } from '../../src/store/memory/memory-task-reader';
import { MemoryTaskStore } from '../../src/store/memory/memory-task-store';
import type { ContractBackend } from '../contract/backend';
import { MemoryRawWire } from './memory-raw-wire';

/** An embedded backend for one test. */
export async function makeMemoryBackend(clock: Clock = new SystemClock()): Promise<ContractBackend> {
  const broker = new MemoryBroker(clock);
  const events = new MemoryEventBus(broker);
  return {
    store: new MemoryTaskStore(broker),
    events,
    reader: new MemoryTaskReader(broker),
    keys: broker.keys,
    raw: new MemoryRawWire(broker),
    close: () => events.close(),
  };
}
