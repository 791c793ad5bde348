import type { Opened } from '../store/worker-store';
import { UnderWay } from '../under-way';
import type { Limits } from './limits';
import type { RunEnvironment } from './run-environment';

export type LimitedId = Extract<Opened, { kind: 'limited' }> & { readonly id: string };

/** Puts taken ids into lanes, where they wait for a place under their limits. */
export class Parking {
  /** On their way. */
  private readonly ids = new Set<string>();
  private readonly work = new UnderWay();

  constructor(
    private readonly environment: RunEnvironment,
    private readonly limits: Limits,
  ) {}

  /** Ids on their way into a lane. */
  get size(): number {
    return this.ids.size;
  }

  /**
   * @param open Is given those that are to be opened all the same: they hold a place, or are no good input, which only their run tells.
   * @param failed Is given what went wrong: the ids are in the inbox still.
   */
  park(
    queue: string,
    limited: readonly LimitedId[],
    open: (id: string, isExempt: boolean) => void,
    failed: (error: unknown) => void,
  ): void {
    const tasks = limited.flatMap(({ id, name, data, createdMs, priority }) => {
      const lane = this.limits.laneOf(name, data);
      if (lane === undefined) open(id, true);
      return lane === undefined ? [] : [{ id, name, lane, createdMs, priority }];
    });
    if (tasks.length === 0) return;
    for (const { id } of tasks) this.ids.add(id);
    const { store, workerId } = this.environment;
    const parking = store.park(workerId, tasks, queue).then((replies) => {
      for (const [position, { id }] of tasks.entries()) if (replies[position] === 'admitted') open(id, false);
    }, failed);
    const done = parking.finally(() => {
      for (const { id } of tasks) this.ids.delete(id);
    });
    this.work.follow(done);
  }

  /** Resolves when none is on its way any more. */
  settled(): Promise<void> {
    return this.work.settled();
  }
}
