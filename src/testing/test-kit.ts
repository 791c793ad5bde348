import { AsyncLocalStorage } from 'node:async_hooks';
import type { InjectionToken } from 'tsyringe';
import type { Provider } from '../app/provider';
import { CLOCK } from '../clock';
import { EVENT_BUS } from '../events/event-bus';
import { MemoryEventBus } from '../events/memory-event-bus';
import { ID_SOURCE, type IdSource } from '../ids';
import type { Logger } from '../logger';
import { RANDOM } from '../random';
import { MemoryBroker } from '../store/memory/memory-broker';
import { MemoryTaskReader } from '../store/memory/memory-task-reader';
import { MemoryTaskStore } from '../store/memory/memory-task-store';
import { TASK_READER } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import type { TaskKeys } from '../task/keys';
import type { TaskClass } from '../task/task-class';
import type { MiddlewareFunction } from '../worker/middleware';
import { Journal, nameOf } from './journal';
import { ManualClock } from './manual-clock';
import { RealWork } from './real-work';
import { TestLogs } from './test-logs';
import { watchStore } from './watched-store';

export const TEST_KIT: InjectionToken<TestKit> = Symbol('taskwarden.TestKit');

/** What code of the app, and of none of its runs, goes on under. */
const APP = Symbol('app');

export interface TestKitOptions {
  readonly nowMs: number | undefined;
  readonly patienceMs: number;
  readonly endless: readonly TaskClass[];
  readonly logger: Logger;
  readonly keys: TaskKeys;
}

/** What a test app is made of beside an ordinary one, and what tells whether it is at rest. */
export class TestKit {
  readonly clock: ManualClock;
  readonly journal: Journal;
  readonly logs: TestLogs;
  readonly work: RealWork;
  readonly patienceMs: number;
  readonly providers: readonly Provider[];
  private readonly endless: ReadonlySet<string>;
  /** In which run code is called, by its task's id, or in the app at large. */
  private readonly place = new AsyncLocalStorage<string | typeof APP>();
  private openCount = 0;
  /** Or being made. */
  private isStarting = true;

  constructor({ nowMs, patienceMs, endless, logger, keys }: TestKitOptions) {
    this.patienceMs = patienceMs;
    this.endless = new Set(endless.map(nameOf));
    this.clock = new ManualClock(nowMs, () => this.place.getStore());
    this.journal = new Journal(() => this.clock.nowMs());
    this.logs = new TestLogs(logger);
    this.work = new RealWork(() => this.place.getStore() !== undefined);
    this.providers = this.provide(keys);
  }

  /** Wraps all others. */
  readonly middleware: MiddlewareFunction = async (task, next) => {
    try {
      return await this.place.run(task.id, next);
    } catch (error) {
      this.logs.thrown(error, 'run', `${task.name}, attempt ${task.attempt}`, task.id);
      throw error;
    }
  };

  /** The app is made. */
  made(): void {
    this.isStarting = false;
  }

  async whileStarting(start: () => Promise<void>): Promise<void> {
    this.isStarting = true;
    await this.place.run(APP, start).finally(() => this.made());
  }

  /** Calls of the store that are not answered. */
  get openCalls(): number {
    return this.openCount;
  }

  /** Whether a run that has not ended is nothing to wait for. */
  rests(id: string, name: string | undefined): boolean {
    return this.clock.waitsFor(id) || (name !== undefined && this.endless.has(name));
  }

  private provide(keys: TaskKeys): Provider[] {
    const { clock, journal, logs } = this;
    const broker = new MemoryBroker(clock, keys, logs.logger);
    const bus = new MemoryEventBus(broker);
    void bus.onEvery((event) => journal.noteEvent(event));
    const store = watchStore(new MemoryTaskStore(broker), {
      called: () => void this.openCount++,
      answered: () => void this.openCount--,
      enqueued: (task, by) => journal.noteTask(task, by),
    });
    return [
      { provide: CLOCK, useValue: clock },
      { provide: TASK_STORE, useValue: store },
      { provide: TASK_READER, useValue: new MemoryTaskReader(broker) },
      { provide: EVENT_BUS, useValue: bus },
      {
        provide: ID_SOURCE,
        useValue: new CountedIds(() => this.isStarting && typeof this.place.getStore() !== 'string'),
      },
      // No jitter: delays are as they are declared.
      { provide: RANDOM, useValue: () => 0 },
      { provide: TEST_KIT, useValue: this },
    ];
  }
}

/** `task-1`, `task-2`, …: what a test reads in a failure is the same each time. */
class CountedIds implements IdSource {
  private readonly counts = { app: 0, task: 0 };

  /** @param isApp Whether a name is for the app's own use, which is not to make gaps. */
  constructor(private readonly isApp: () => boolean) {}

  next(): string {
    const kind = this.isApp() ? 'app' : 'task';
    this.counts[kind] += 1;
    return `${kind}-${this.counts[kind]}`;
  }
}
