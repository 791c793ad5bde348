import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TaskRegistry } from '../metadata/task-registry';
import {
  type BegunRun,
  type EnqueuedTasks,
  type OverRun,
  RUN_OUTCOMES,
  type TaskObserver,
} from '../observing/task-observer';
import { emptyReport, type ReapReport } from '../store/supervisor-store';
import { DEFAULT_QUEUE } from '../task/queue-name';
import { BoundedNames } from './bounded-names';

/** Of tasks whose class is not known here, and of queues, so many are told by name. */
const MOST_NAMES = 100;
/** In seconds: from what is no wait to what wakes somebody up. */
const WAIT_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200];
/** In seconds: tasks are short jobs as well as such that run for hours. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 21_600];

/** The names of queues in labels, for all metrics of an app: beyond these they are `other`. */
export function queueLabels(): BoundedNames {
  return new BoundedNames([DEFAULT_QUEUE], MOST_NAMES, 'other');
}

/** Counts what this process does. Local tasks are no part of it: those of the framework run for as long as the process. */
export class TaskMetrics implements Required<TaskObserver> {
  private readonly enqueuedTotal: Counter<'task' | 'queue'>;
  private readonly started: Counter<'task' | 'queue'>;
  private readonly ended: Counter<'task' | 'outcome'>;
  private readonly timedOut: Counter<'task'>;
  private readonly running: Gauge<'task'>;
  private readonly wait: Histogram<'task' | 'queue'>;
  private readonly duration: Histogram<'task'>;
  private readonly reapedTotal: Counter<'fate'>;
  private readonly ofRuns: BoundedNames;
  private readonly ofStarts: BoundedNames;

  constructor(
    registry: Registry,
    tasks: TaskRegistry,
    private readonly queues: BoundedNames,
  ) {
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Counter({ name: `taskwarden_${name}`, help, labelNames, registers });
    this.enqueuedTotal = counter('enqueued_total', 'New tasks of this process and of schedules it fired.', [
      'task',
      'queue',
    ]);
    this.started = counter('runs_started_total', 'Runs begun.', ['task', 'queue']);
    this.ended = counter('runs_ended_total', 'Runs that are over, by how.', ['task', 'outcome']);
    this.timedOut = counter('runs_timed_out_total', 'Runs whose timeout or deadline was over.', ['task']);
    this.reapedTotal = counter('reaped_total', 'What the monitor of this process mended.', ['fate']);
    this.running = new Gauge({ name: 'taskwarden_runs_running', help: 'Runs now.', labelNames: ['task'], registers });
    this.wait = new Histogram({
      name: 'taskwarden_wait_seconds',
      help: 'From when a task could have been taken until its run began.',
      labelNames: ['task', 'queue'],
      buckets: WAIT_BUCKETS,
      registers,
    });
    this.duration = new Histogram({
      name: 'taskwarden_run_duration_seconds',
      help: 'From the beginning of a run until its code ended.',
      labelNames: ['task'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.ofRuns = new BoundedNames(tasks.names(), 0, 'unknown');
    this.ofStarts = new BoundedNames(tasks.names(), MOST_NAMES, 'unknown');
    this.beginAtZero(tasks);
  }

  enqueued({ taskName, queue, count }: EnqueuedTasks): void {
    this.enqueuedTotal.inc({ task: this.ofStarts.of(taskName), queue: this.queues.of(queue) }, count);
  }

  runBegan({ taskName, queue: from, local, waitedMs }: BegunRun): void {
    if (local) return;
    const labels = { task: this.ofRuns.of(taskName), queue: this.queues.of(from) };
    this.started.inc(labels);
    this.running.inc({ task: labels.task });
    if (waitedMs !== undefined) this.wait.observe(labels, waitedMs / 1_000);
  }

  runOver({ taskName, local, outcome, durationMs, timedOut }: OverRun): void {
    if (local) return;
    const task = this.ofRuns.of(taskName);
    this.ended.inc({ task, outcome });
    this.running.dec({ task });
    this.duration.observe({ task }, durationMs / 1_000);
    if (timedOut) this.timedOut.inc({ task });
  }

  reaped(report: ReapReport): void {
    for (const [fate, ids] of Object.entries(report) as [string, readonly string[]][]) {
      this.reapedTotal.inc({ fate }, ids.length);
    }
  }

  /** A counter that first shows up with a 1 has no rate: the first failure would raise no alarm. */
  private beginAtZero(tasks: TaskRegistry): void {
    for (const fate of Object.keys(emptyReport())) this.reapedTotal.inc({ fate }, 0);
    for (const { name: task, options } of tasks) {
      if (task.startsWith('taskwarden/')) continue;
      this.started.inc({ task, queue: this.queues.of(options.queue) }, 0);
      for (const outcome of RUN_OUTCOMES) this.ended.inc({ task, outcome }, 0);
      this.timedOut.inc({ task }, 0);
      this.running.set({ task }, 0);
    }
  }
}
