import { type Clock, SystemClock, sleep } from '../clock';
import { deferred } from '../deferred';
import { StoreUnavailableError } from '../errors';
import type { TaskStore } from '../store/task-store';

/** A method of the store: whatever `TaskStore` has, as a verb that is added there is wrapped as well. */
export type StoreVerb = keyof TaskStore;

/** A place at which a fault may strike: just before a call of the store, or when its reply is there. */
export interface StoreCall {
  readonly verb: StoreVerb;
  /** 1 for the first call of this verb. */
  readonly nth: number;
  readonly side: 'before' | 'after';
}

export type Fault =
  /** As if the process died here: see `FaultyStore.crash`. */
  | { readonly kind: 'crash' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Waits here until the promise settles. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** `StoreUnavailableError`. Before: the store was never called. After: it has done its work, the reply is lost. */
  | { readonly kind: 'drop' };

export interface FaultPlan {
  /** Asked at every place; undefined lets the call go on. `args` are those of the call. */
  readonly onCall?: (point: StoreCall, args: readonly unknown[]) => Fault | undefined;
  /** For delays; the system's by default. */
  readonly clock?: Clock;
}

/** A store whose calls are listed, and may fail as a plan says. */
export type FaultyStore = TaskStore & {
  /** Every place reached so far, in order. A crashed store adds none. */
  readonly calls: readonly StoreCall[];
  readonly hasCrashed: boolean;
  /** Resolves when the store crashes. */
  readonly crashed: Promise<void>;
  /**
   * From now on no call reaches the store, and every call, pending or new, never settles. A call that the store has
   * begun is ended by the store, as a command is that was sent before a process died; a wait of `take` ends at once.
   */
  readonly crash: () => void;
  /**
   * When a test has seen enough: the calls that hang, and all later ones, throw `StoreUnavailableError`. None reaches the
   * store, but what used it can be closed, which a dead process needs not.
   */
  readonly bury: () => void;
};

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Wraps a store so that it crashes, delays or drops calls as a plan says. What uses it should be the one process that is to
 * fail: others get the store itself, or a wrapper of their own.
 */
export function faultyStore(store: TaskStore, plan: FaultPlan = {}): FaultyStore {
  const faults = new Faults(plan);
  const verbs = new Map<PropertyKey, Method>();
  return new Proxy(store, {
    get: (_, key) => {
      if (key in faults.shown) return faults.shown[key as keyof Faults['shown']];
      const value = store[key as StoreVerb] as unknown;
      if (typeof value !== 'function' || key in Object.prototype) return value;
      const verb = verbs.get(key) ?? faults.wrap(key as StoreVerb, value.bind(store));
      verbs.set(key, verb);
      return verb;
    },
    has: (_, key) => key in faults.shown || key in store,
  }) as FaultyStore;
}

/** `open#1 before`: for the name of a test. */
export function describeCall({ verb, nth, side }: StoreCall): string {
  return `${verb}#${nth} ${side}`;
}

class Faults {
  readonly shown: Omit<FaultyStore, StoreVerb>;
  private readonly calls: StoreCall[] = [];
  private readonly counts = new Map<StoreVerb, number>();
  private readonly death = new AbortController();
  private readonly burial = deferred();
  private readonly clock: Clock;

  constructor(private readonly plan: FaultPlan) {
    this.clock = plan.clock ?? new SystemClock();
    const { promise: crashed, resolve } = deferred();
    const { calls, death, burial } = this;
    death.signal.addEventListener('abort', resolve, { once: true });
    this.shown = {
      calls,
      crashed,
      crash: () => death.abort(),
      bury: () => {
        death.abort();
        burial.resolve();
      },
      get hasCrashed() {
        return death.signal.aborted;
      },
    };
  }

  wrap(verb: StoreVerb, method: Method): Method {
    return async (...args) => {
      const nth = (this.counts.get(verb) ?? 0) + 1;
      this.counts.set(verb, nth);
      // Without a fault the store is called in the same turn, as it would be without us.
      const before = this.reach({ verb, nth, side: 'before' }, args);
      if (before) await before;
      const [reply] = await Promise.allSettled([method(...this.mortal(args))]);
      await this.reach({ verb, nth, side: 'after' }, args);
      if (reply.status === 'rejected') throw reply.reason;
      return reply.value;
    };
  }

  /** Undefined where nothing strikes. */
  private reach(point: StoreCall, args: readonly unknown[]): Promise<void> | undefined {
    if (this.death.signal.aborted) return this.hang(point);
    this.calls.push(point);
    const fault = this.plan.onCall?.(point, args);
    return fault && this.strike(fault, point);
  }

  private async strike(fault: Fault, point: StoreCall): Promise<void> {
    if (fault.kind === 'drop') throw new StoreUnavailableError(`Dropped by the fault plan: ${describeCall(point)}.`);
    if (fault.kind === 'crash') this.death.abort();
    if (fault.kind === 'delay') await sleep(this.clock, fault.ms, this.death.signal);
    if (fault.kind === 'hold') await Promise.allSettled([fault.until]);
    if (this.death.signal.aborted) await this.hang(point);
  }

  private async hang(point: StoreCall): Promise<never> {
    await this.burial.promise;
    throw new StoreUnavailableError(`The faulty store has crashed: ${describeCall(point)} gets no answer.`);
  }

  /** A process that dies closes its connections: what waits in the store for this one waits no longer. */
  private mortal(args: readonly unknown[]): readonly unknown[] {
    return args.map((arg) => (arg instanceof AbortSignal ? AbortSignal.any([arg, this.death.signal]) : arg));
  }
}
