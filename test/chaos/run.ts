import { setTimeout as pause } from 'node:timers/promises';
import { inspectRedis } from '../../src/app/inspect-redis';
import type { TaskKeys } from '../../src/task/keys';
import { type Command, readAppendOnlyFile } from './append-only-file';
import { readCodeLedgers } from './code-ledger';
import { EndlessTasks } from './endless';
import { FaultRunner } from './fault-runner';
import { type Breach, judge, type Verdict } from './judge';
import { POISON, planTasks } from './kinds';
import type { ChaosOptions } from './options';
import { planFaults } from './plan';
import { Progress } from './progress';
import type { Stage } from './stage';
import { Starter } from './starter';
import { PLAIN_PUSHES, readTimelines } from './timeline';
import { LONGEST_RECOVERY_MS, MAX_CRASHES, POISON_NAMES } from './times';

export const ENDLESS_TASKS = 8;
const POISON_TASKS = 3;
/** Without one more end for so long, nothing will come any more. */
const STANDSTILL_MS = LONGEST_RECOVERY_MS + 5_000;
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
}

/** One run from the first start to the verdict. */
export class ChaosRun {
  private readonly starter: Starter;
  private readonly poisoner: Starter;
  private readonly endless: EndlessTasks;
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
    const plan = planFaults({ ...options, endless: ENDLESS_TASKS });
    this.faults = new FaultRunner(plan, fleet, redis, clientProxy, this.endless);
  }

  async run(progress: Progress): Promise<RunResult> {
    const { stage, options } = this;
    const plan = planFaults({ ...options, endless: ENDLESS_TASKS });
    progress.start(() => {
      const { ends, fleet } = stage;
      return `${this.over} of ${options.tasks} tasks over, ${ends.waiting} under way; ${this.faults.log.length} of ${plan.length} faults; ${fleet.running} of ${options.workers} workers up`;
    });
    try {
      await Promise.all([
        this.endless.start(),
        ...this.poisonIds.map((id) => this.poisoner.start(id, POISON.task, {})),
      ]);
      await Promise.all([this.faults.run(this.signal), this.startTasks()]);
      const settleMs = await this.settle();
      const places = [...(await this.placesAtWork()), ...(await this.placesAfterLeaving())];
      return this.result(settleMs, places);
    } finally {
      progress.stop();
    }
  }

  private async startTasks(): Promise<void> {
    const { seed, tasks, seconds } = this.options;
    const startedMs = performance.now();
    for (const task of planTasks(seed, tasks, seconds * 1_000 * STARTING_PART)) {
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
    const stopping = this.endless.stop();
    const all = Promise.all([...this.stories, stopping]).then(() => true);
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

  /** While all workers work: nothing may be in a place where nobody mends it. */
  private async placesAtWork(): Promise<Breach[]> {
    const findings = await this.findings({ overdue: '5s', settle: '10s' });
    return findings.filter(({ severity }) => severity === 'error').map(toBreach);
  }

  /** When all have left, nobody mends anything any more: nothing may be left to be mended. */
  private async placesAfterLeaving(): Promise<Breach[]> {
    await this.stage.fleet.dismissAll();
    const findings = await this.findings({ overdue: 0, settle: 0 });
    const left: Breach[] = [];
    for (const keys of [this.stage.keys, this.stage.poisonKeys]) left.push(...(await this.leftovers(keys)));
    return [...findings.filter(({ severity }) => severity !== 'warning').map(toBreach), ...left];
  }

  private async findings(options: { readonly overdue: string | number; readonly settle: string | number }) {
    const { url } = this.stage.redis;
    const [main, poison] = await Promise.all([
      inspectRedis(url, options),
      inspectRedis(url, { ...options, names: POISON_NAMES }),
    ]);
    return [...main.findings, ...poison.findings];
  }

  private async leftovers(keys: TaskKeys): Promise<Breach[]> {
    const { plain } = this.stage;
    const left: Breach[] = [];
    const counts = { [keys.leases]: await plain.zcard(keys.leases), [keys.newQueue]: await plain.llen(keys.newQueue) };
    for (const queue of [keys.newQueue, keys.endQueue]) {
      for (const inbox of await plain.keys(keys.everyInbox(queue))) counts[inbox] = await plain.llen(inbox);
    }
    for (const [key, count] of Object.entries(counts)) {
      if (count > 0) left.push({ kind: 'places', message: `${key} holds ${count} ids after all workers have left` });
    }
    return left;
  }

  private result(settleMs: number, places: readonly Breach[]): RunResult {
    const { stage } = this;
    const { fleet, redis, folder, keys, poisonKeys } = stage;
    const commands = [...readAppendOnlyFile(redis.folder)];
    const main = readTimelines(commands, keys, PLAIN_PUSHES);
    const poison = readTimelines(commands, poisonKeys);
    const timelines = new Map([...main, ...poison].filter(([id]) => this.starter.ids.has(id) || poison.has(id)));
    const code = readCodeLedgers(folder);
    const verdict = judge({
      ids: [...this.starter.ids, ...this.poisonIds],
      timelines,
      code,
      kills: fleet.kills,
      redisAway: this.faults.redisAway,
      longestRecoveryMs: LONGEST_RECOVERY_MS,
    });
    const crashed = this.poisonIds.flatMap((id): Breach[] => {
      const runs = code.get(id)?.length ?? 0;
      const message = `${id} killed ${runs} workers, ${MAX_CRASHES} were allowed`;
      return runs > MAX_CRASHES ? [{ kind: 'crash limit', id, message }] : [];
    });
    const workers = fleet.complaints.map((message): Breach => ({ kind: 'worker', message }));
    const breaches = [...verdict.breaches, ...crashed, ...places, ...workers];
    return {
      verdict,
      breaches,
      started: this.starter.ids.size,
      kills: fleet.kills.length,
      commands,
      faults: this.faults.log,
      settleMs,
    };
  }
}

function toBreach({
  id,
  message,
  state,
  places,
}: Awaited<ReturnType<typeof inspectRedis>>['findings'][number]): Breach {
  return { kind: 'places', id, message: `${message} (${state ?? 'no task'}, in ${places.join(', ') || 'no place'})` };
}
