import type { Provider } from '../../src/app/provider';
import { Task } from '../../src/decorators/task';
import type { TaskAbortedError } from '../../src/errors';
import { TaskContext } from '../../src/task/task-context';
import { eventually } from '../support/eventually';

/** Something to wait for that a test decides on. */
export class Gate<T = void> {
  open: (value: T) => void = () => {};
  readonly passed = new Promise<T>((resolve) => {
    this.open = resolve;
  });
}

/** Where runs report, and wait for the test to let them go. */
export class Desk {
  /** Ids in the order in which their runs began. */
  readonly began: string[] = [];
  /** Anything that a test wants to be told. */
  readonly notes: unknown[] = [];
  /** The most runs that were here at a time. */
  most = 0;
  /** Why runs were aborted, in order. */
  readonly aborts: string[] = [];
  private here = 0;
  private readonly gates = new Map<string, Gate<unknown>>();

  static provide(desk: Desk): Provider {
    return { provide: Desk, useValue: desk };
  }

  /** The gate that runs of this id wait at; each run that was let go leaves a closed one to the next. */
  gate(id: string): Gate<unknown> {
    const gate = this.gates.get(id) ?? new Gate<unknown>();
    this.gates.set(id, gate);
    return gate;
  }

  /** Stays until the gate is opened, or (unless `ignoring`) the run is aborted. Resolves to what the gate was opened with. */
  async stay(task: TaskContext, ignoring = false): Promise<unknown> {
    this.began.push(task.id);
    this.here += 1;
    this.most = Math.max(this.most, this.here);
    const aborted = new Promise((resolve) => {
      task.signal.addEventListener('abort', resolve, { once: true });
    }).then(() => this.aborts.push((task.signal.reason as TaskAbortedError).reason));
    const { passed } = this.gate(task.id);
    try {
      return await (ignoring ? passed : Promise.race([passed, aborted.then(() => 'aborted')]));
    } finally {
      this.here -= 1;
    }
  }

  /** Waits until a run was aborted, for this reason. */
  untilAborted(reason: string): Promise<void> {
    return eventually(() => expect(this.aborts).toContain(reason));
  }

  /** Waits until so many runs of the id have begun. */
  untilBegan(id: string, times = 1): Promise<void> {
    return eventually(() => expect(this.began.filter((one) => one === id)).toHaveLength(times));
  }
}

/** Stays at the desk until let go or aborted. */
@Task('staying')
export class Staying {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

/** Stays at the desk until let go, whatever it is asked. */
@Task('stubborn')
export class Stubborn {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task, true);
  }
}
