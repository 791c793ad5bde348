import { setTimeout as pause } from 'node:timers/promises';
import { BulkControlError, type BulkControlReport } from '../../src/bulk-errors';
import type { TaskClient } from '../../src/client/task-client';
import type { BulkFilter } from '../../src/client/task-filter';
import { StoreUnavailableError } from '../../src/errors';
import { BULK_MARKS, type BulkMark } from './bulk-ledger';
import type { BulkRound, BulkTask } from './bulk-plan';
import { BULK, BULK_QUEUE, type BulkKind } from './kinds';
import type { Stage } from './stage';
import { type Starter, TRY_AGAIN_MS } from './starter';

/** What one try of a bulk call was told. */
export interface BulkTry {
  readonly nth: number;
  readonly report: BulkControlReport;
  /** It ended early, as Redis went away: it was tried again. */
  readonly cutShort: boolean;
}

const A_LONG_TIME_SECONDS = 3_600;
const LEAST_PRIORITY = 9;
const LONGEST_TO_BEGIN_MS = 2_000;
const LOOK_AGAIN_MS = 50;

/** Stops, restarts and removes tasks by bulk control, all rounds of a kind one after the other. */
export class BulkCalls {
  readonly tries: BulkTry[] = [];
  private readonly client: TaskClient;
  private readonly lines = new Map<BulkKind, Promise<void>>();
  private readonly started: Record<BulkKind, string[]> = {
    'bulk-stopped': [],
    'bulk-restarted': [],
    'bulk-removed': [],
  };
  private calls = 0;
  /** So many rounds want nothing taken from their queue. */
  private holders = 0;

  constructor(
    private readonly rounds: readonly BulkRound[],
    private readonly stage: Stage,
    private readonly starter: Starter,
    private readonly signal: AbortSignal,
  ) {
    this.client = stage.app.client;
  }

  /** Resolves when the last round has begun, or is next in its line. */
  async begin(): Promise<void> {
    const startedMs = performance.now();
    for (const round of this.rounds) {
      await pause(Math.max(0, startedMs + round.atMs - performance.now()), undefined, { signal: this.signal });
      const line = (this.lines.get(round.kind) ?? Promise.resolve()).then(() => this.play(round));
      // Whoever waits for all of them has the error.
      line.catch(() => {});
      this.lines.set(round.kind, line);
    }
  }

  /** Resolves when every task is as the last call wanted it. */
  async over(): Promise<void> {
    await Promise.all(this.lines.values());
    await Promise.all(Object.values(this.started).map((ids) => this.ended(ids)));
  }

  private async play({ kind, tasks, untilBegun, waitMs, cutMs }: BulkRound): Promise<void> {
    const { task } = BULK[kind];
    const release = await this.hold();
    await Promise.all(tasks.map((one) => this.start(kind, one)));
    if (untilBegun) await this.begun(tasks);
    await pause(waitMs, undefined, { signal: this.signal });
    const cut = this.cutIn(cutMs);
    if (kind === 'bulk-removed') await this.call('removeMany', kind, { task }, 'any');
    else if (kind === 'bulk-stopped') await this.call('stopMany', kind, { task, state: ['WAIT', 'RUNNING'] }, 'open');
    else await this.call('stopMany', kind, { task, youngerThan: '1h' }, 'any');
    await cut;
    await release();
    if (kind !== 'bulk-restarted') return;
    // Those of earlier rounds have ended.
    await this.ended(tasks.map(({ id }) => id));
    for (const { id, seconds } of tasks) await this.starter.insist(() => this.client.setInput(id, { seconds }));
    await this.call('restartMany', kind, { task, state: 'STOPPED' }, 'STOPPED');
    await this.ended(tasks.map(({ id }) => id));
  }

  private async cutIn(cutMs: number | undefined): Promise<void> {
    if (cutMs === undefined) return;
    await pause(cutMs);
    this.stage.clientProxy.cut();
  }

  /** With an input that has it run for ever. */
  private async start(kind: BulkKind, { id, situation }: BulkTask): Promise<void> {
    this.started[kind].push(id);
    const input = { seconds: A_LONG_TIME_SECONDS };
    await this.starter.start(id, BULK[kind].task, input, {
      ...((situation === 'listed' || situation === 'prioritized') && { queue: BULK_QUEUE }),
      ...(situation === 'prioritized' && { priority: LEAST_PRIORITY }),
      ...(situation === 'delayed' && { delay: '1h' }),
    });
  }

  /** Not for ever: their workers may be gone, or busy. */
  private async begun(tasks: readonly BulkTask[]): Promise<void> {
    const endsMs = performance.now() + LONGEST_TO_BEGIN_MS;
    for (const { id } of tasks.filter(({ situation }) => situation === 'begun')) {
      const state = async () => (await this.starter.insist(() => this.client.get(id)))?.state;
      while ((await state()) !== 'RUNNING' && performance.now() < endsMs) {
        await pause(LOOK_AGAIN_MS, undefined, { signal: this.signal });
      }
    }
  }

  private async ended(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.stage.ends.ended(id)));
  }

  /** Until it has told that it looked at all tasks, as its documentation wants it. */
  private async call(
    call: BulkMark['call'],
    kind: BulkKind,
    filter: BulkFilter,
    wants: BulkMark['wants'],
  ): Promise<void> {
    const mark = { nth: this.calls++, call, wants };
    const ids = [...this.started[kind]];
    for (;;) {
      await this.mark({ ...mark, step: 'begins' }, ids);
      try {
        const report = await this.client[call](filter);
        this.tries.push({ nth: mark.nth, report, cutShort: false });
        return await this.mark({ ...mark, step: 'done' }, ids);
      } catch (error) {
        if (!(error instanceof BulkControlError && error.cause instanceof StoreUnavailableError)) throw error;
        this.tries.push({ nth: mark.nth, report: error.report, cutShort: true });
      }
      await pause(TRY_AGAIN_MS, undefined, { signal: this.signal });
    }
  }

  /** Tells the append-only file what it could not know: what was asked for, and between which writes. */
  private async mark(mark: BulkMark, ids: readonly string[]): Promise<void> {
    await this.starter.insist(() => this.stage.plain.rpush(BULK_MARKS, JSON.stringify(mark), ...ids));
  }

  /** Has tasks wait for sure. Answers what ends it. */
  private async hold(): Promise<() => Promise<void>> {
    const queue = this.client.queue(BULK_QUEUE);
    this.holders += 1;
    await this.starter.insist(() => queue.pause());
    return async () => {
      this.holders -= 1;
      if (this.holders === 0) await this.starter.insist(() => queue.resume());
    };
  }
}
