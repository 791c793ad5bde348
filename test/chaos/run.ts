import { setTimeout as pause } from 'node:timers/promises';
import { type Command, readAppendOnlyFile } from './append-only-file';
import { BulkCalls, type BulkTry } from './bulk-calls';
import { bulkBreaches } from './bulk-judge';
import { type BulkWindow, readBulkLedger } from './bulk-ledger';
import { planBulk } from './bulk-plan';
import { readCodeLedgers } from './code-ledger';
import { EndlessTasks } from './endless';
import { FaultRunner } from './fault-runner';
import { type Breach, judge, type Verdict } from './judge';
import { POISON, planTasks } from './kinds';
import type { ChaosOptions } from './options';
import { goingRound, missingLocalTasks, placesAfterLeaving, placesAtWork } from './places';
import { planFaults } from './plan';
import type { Progress } from './progress';
import type { Stage } from './stage';
import { Starter } from './starter';
import { Ticks } from './ticks';
import { PLAIN_PUSHES, readTimelines } from './timeline';
import { LONGEST_RECOVERY_MS, MAX_CRASHES } from './times';

export const ENDLESS_TASKS = 8;
const POISON_TASKS = 3;
/** Without one more end for so long, nothing will come any more: the push of a restart that was cut off is made after 10 s. */
const STANDSTILL_MS = LONGEST_RECOVERY_MS + 12_000;
const LONGEST_SETTLE_MS = 120_000;
/** A part of the time in which tasks are started; the rest lets the last of them meet faults too. */
const STARTING_PART = 0.85;

export interface RunResult {
  readonly verdict: Verdict;
  readonly breaches: readonly Breach[];
  readonly started: number;
  readonly kills: number;
  readonly commands: readonly Command[];
  readonly faults: FaultRunner['log'];
  readonly settleMs: number;
  readonly goingRound: number;
  readonly bulk: { readonly tries: readonly BulkTry[]; readonly windows: readonly BulkWindow[] };
}

/** One run from the first start to the verdict. */
export class ChaosRun {
  private readonly starter: Starter;
  private readonly poisoner: Starter;
  private readonly endless: EndlessTasks;
  private readonly ticks: Ticks;
  private readonly bulk: BulkCalls;
  private readonly faults: FaultRunner;
  private readonly stories: Promise<void>[] = [];
  private readonly poisonIds = Array.from({ length: POISON_TASKS }, (_, nth) => `poison-${nth}`);
  private over = 0;
  private storyError: unknown;

  constructor(
    private readonly options: ChaosOptions,
    private readonly stage: Stage,
    private readonly signal: AbortSignal,
  ) {
    const { app, poisonApp, plain, keys, poisonKeys, ends, fleet, redis, clientProxy } = stage;
    this.starter = new Starter(app.client, plain, keys, ends, signal);
    this.poisoner = new Starter(poisonApp.client, plain, poisonKeys, ends, signal);
    const publish = (channel: string, message: string) => plain.publish(channel, message);
    this.endless = new EndlessTasks(ENDLESS_TASKS, app.client, this.starter, ends, publish, keys);
    this.ticks = new Ticks(stage, this.starter, signal);
    const { seed, seconds } = options;
    this.bulk = new BulkCalls(planBulk(seed, seconds, spanMs(seconds)), stage, this.starter, signal);
    const plan = planFaults({ ...options, endless: ENDLESS_TASKS });
    this.faults = new FaultRunner(plan, fleet, redis, clientProxy, this.endless);
  }

  async run(progress: Progress): Promise<RunResult> {
    const { stage, options } = this;
    const plan = planFaults({ ...options, endless: ENDLESS_TASKS });
    progress.start(() => {
      const { ends, fleet } = stage;
      return `${this.over} of ${options.tasks} tasks over, ${ends.waiting} under way; ${this.faults.begun} of ${plan.length} faults; ${fleet.running} of ${options.workers} workers up`;
    });
    try {
      await Promise.all([
        this.endless.start(),
        this.ticks.start(),
        ...this.poisonIds.map((id) => this.poisoner.start(id, POISON.task, {})),
      ]);
      await Promise.all([this.faults.run(this.signal), this.startTasks(), this.bulk.begin()]);
      const settleMs = await this.settle();
      const atWork = [...(await placesAtWork(stage)), ...(await missingLocalTasks(stage, this.signal))];
      await stage.fleet.dismissAll();
      const places = [...atWork, ...(await placesAfterLeaving(stage))];
      return this.result(settleMs, places, await goingRound(stage));
    } finally {
      progress.stop();
    }
  }

  private async startTasks(): Promise<void> {
    const { seed, tasks, seconds } = this.options;
    const startedMs = performance.now();
    for (const task of planTasks(seed, tasks, spanMs(seconds))) {
      const dueMs = startedMs + task.atMs - performance.now();
      if (dueMs > 1) await pause(dueMs, undefined, { signal: this.signal });
      const story = this.starter.play(task).then(
        () => {
          this.over += 1;
        },
        (error: unknown) => {
          this.storyError ??= error;
        },
      );
      this.stories.push(story);
    }
  }

  /** Until all tasks have ended, or nothing happens any more. */
  private async settle(): Promise<number> {
    const startedMs = performance.now();
    const stopping = [this.endless.stop(), this.ticks.stop(), this.bulk.over()];
    const all = Promise.all([...this.stories, ...stopping]).then(() => true);
    const ended = new AbortController();
    const standstill = this.standstill(AbortSignal.any([this.signal, ended.signal])).catch(() => false);
    await Promise.race([all, standstill]);
    ended.abort();
    this.signal.throwIfAborted();
    if (this.storyError !== undefined) throw this.storyError;
    await this.untilPoisonEnded();
    return performance.now() - startedMs;
  }

  private async standstill(signal: AbortSignal): Promise<false> {
    const startedMs = performance.now();
    let lastMs = startedMs;
    let over = -1;
    while (performance.now() - lastMs < STANDSTILL_MS && performance.now() - startedMs < LONGEST_SETTLE_MS) {
      const now = this.over + this.stage.ends.heard;
      if (now !== over) lastMs = performance.now();
      over = now;
      await pause(200, undefined, { signal });
    }
    return false;
  }

  private async untilPoisonEnded(): Promise<void> {
    const endsMs = performance.now() + 3 * LONGEST_RECOVERY_MS;
    while (performance.now() < endsMs) {
      const records = await Promise.all(
        this.poisonIds.map((id) => this.poisoner.insist(() => this.stage.poisonApp.client.get(id))),
      );
      if (records.every((record) => record === undefined || record.state === 'EXCEPTION')) return;
      await pause(200, undefined, { signal: this.signal });
    }
  }

  private result(settleMs: number, places: readonly Breach[], round: ReadonlySet<string>): RunResult {
    const { stage } = this;
    const { fleet, redis, folder, keys, poisonKeys } = stage;
    const commands = [...readAppendOnlyFile(redis.folder)];
    const main = readTimelines(commands, keys, PLAIN_PUSHES);
    const poison = readTimelines(commands, poisonKeys);
    const ids = new Set([...this.starter.ids, ...this.ticks.ids]);
    const timelines = new Map([...main, ...poison].filter(([id]) => ids.has(id) || poison.has(id)));
    const code = readCodeLedgers(folder);
    const verdict = judge({
      ids: [...ids, ...this.poisonIds],
      timelines,
      duplicates: this.starter.duplicates,
      code,
      kills: fleet.kills,
      redisAway: this.faults.redisAway,
      goingRound: round,
      longestRecoveryMs: LONGEST_RECOVERY_MS,
    });
    // A death beside an outage of Redis is not counted: nobody can tell that it was one.
    const allowed = MAX_CRASHES + this.faults.redisAway.length;
    const crashed = this.poisonIds.flatMap((id): Breach[] => {
      const runs = code.get(id)?.length ?? 0;
      const message = `${id} killed ${runs} workers, ${allowed} were allowed`;
      return runs > allowed ? [{ kind: 'crash limit', id, message }] : [];
    });
    const workers = fleet.complaints.map((message): Breach => ({ kind: 'worker', message }));
    const ledger = readBulkLedger(commands, keys);
    const bulk = { tries: this.bulk.tries, windows: ledger.windows };
    const bulky = bulkBreaches(ledger, bulk.tries);
    const breaches = [
      ...verdict.breaches,
      ...bulky,
      ...this.ticks.missing(timelines),
      ...crashed,
      ...places,
      ...workers,
    ];
    return {
      verdict,
      breaches,
      started: ids.size,
      kills: fleet.kills.length,
      commands,
      faults: this.faults.log,
      settleMs,
      goingRound: round.size,
      bulk,
    };
  }
}

/** In which tasks are started. */
function spanMs(seconds: number): number {
  return seconds * 1_000 * STARTING_PART;
}
