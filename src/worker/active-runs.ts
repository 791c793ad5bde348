import type { TaskRun } from './run-task';

/**
 * The runs of a worker by the id of their task. A Map leaves its table behind each time it is full, and one that has grown old
 * keeps what stood in it for the slow garbage collection: so it holds places, not the runs and all that they hold.
 */
export class ActiveRuns {
  private readonly places = new Map<string, number>();
  private readonly runs: (TaskRun | undefined)[] = [];
  private readonly free: number[] = [];

  has(id: string): boolean {
    return this.places.has(id);
  }

  get(id: string): TaskRun | undefined {
    const place = this.places.get(id);
    return place === undefined ? undefined : this.runs[place];
  }

  set(id: string, run: TaskRun): void {
    const place = this.places.get(id) ?? this.free.pop() ?? this.runs.length;
    this.places.set(id, place);
    this.runs[place] = run;
  }

  delete(id: string): void {
    const place = this.places.get(id);
    if (place === undefined) return;
    this.places.delete(id);
    this.runs[place] = undefined;
    this.free.push(place);
  }

  list(): TaskRun[] {
    return [...this.places.values()].map((place) => this.runs[place] as TaskRun);
  }
}
