import { type Clock, EventLoopWatch, type LoopLag, within } from '../clock';
import type { HealthBoard, HealthProblem } from '../health';
import type { TaskReader } from '../store/task-reader';
import type { Pulse } from '../worker/pulse';

/** `starting`: not all parts run yet. `leaving`: no more tasks are taken, runs may go on. */
export type Phase = 'starting' | 'started' | 'leaving';

/** What can be known of an app in a moment; all times in milliseconds. */
export interface HealthFacts {
  readonly phase: Phase;
  /** How long ago the store last answered a take; null before that, and in an app without a worker. */
  readonly lastTakeAgeMs: number | null;
  /** How long ago all leases were last renewed; null as above. */
  readonly lastHeartbeatAgeMs: number | null;
  /** Null where the store did not answer in time. */
  readonly redisRoundTripMs: number | null;
  /** How late the event loop came round, at the worst of the last 30 to 60 seconds. */
  readonly eventLoopLagMs: number;
  readonly problems: readonly HealthProblem[];
}

/** An answer to a probe, with all that speaks against it. */
export interface Verdict {
  readonly ok: boolean;
  readonly because: readonly string[];
}

/** All in milliseconds. */
export interface HealthBounds {
  /** The store answers within that time, or counts as away. */
  readonly redisTimeoutMs: number;
  /** A loop of the worker that did not come round for so long is stuck. */
  readonly stuckAfterMs: number;
  /** A worker that has taken within that time takes tasks: some rounds of its loop. */
  readonly takesWithinMs: number;
}

/** What is asked for the facts. */
export interface HealthSources {
  readonly clock: Clock;
  readonly board: HealthBoard;
  readonly reader: Pick<TaskReader, 'ping'>;
  /** Undefined: the app has no worker. */
  readonly pulse: Pulse | undefined;
}

/** Finds out how an app fares, and what an orchestrator should make of it. */
export class HealthCheck {
  phase: Phase = 'starting';
  private eventLoop: EventLoopWatch | undefined;
  /** One for all who ask meanwhile: where the store is away, pings must not pile up. */
  private pinging: Promise<number | null> | undefined;

  constructor(
    private readonly sources: HealthSources,
    private readonly bounds: HealthBounds,
  ) {}

  /** Watches the event loop from now on. */
  start(): void {
    this.eventLoop ??= new EventLoopWatch(this.sources.clock);
  }

  get loopLag(): LoopLag {
    return this.eventLoop?.lag ?? { p99Ms: 0, longestMs: 0 };
  }

  async facts(): Promise<HealthFacts> {
    const redisRoundTripMs = await this.roundTripMs();
    const { board, pulse } = this.sources;
    return {
      phase: this.phase,
      lastTakeAgeMs: this.age(pulse?.takenMs),
      lastHeartbeatAgeMs: this.age(pulse?.beatenMs),
      redisRoundTripMs,
      eventLoopLagMs: rounded(this.loopLag.longestMs),
      problems: board.health.problems,
    };
  }

  /** How long the store takes to answer, in milliseconds; null where that is too long. */
  async roundTripMs(): Promise<number | null> {
    const { clock } = this.sources;
    let answer: number | null = null;
    this.pinging ??= this.ping().finally(() => {
      this.pinging = undefined;
    });
    const answered = this.pinging.then((ms) => {
      answer = ms;
    });
    await within(clock, answered, this.bounds.redisTimeoutMs);
    return answer;
  }

  /**
   * Whether the process is worth keeping: only what a restart would mend speaks against it. A store that is away does not, and an
   * event loop that is stuck is told by no answer at all.
   */
  liveness({ redisRoundTripMs, phase }: HealthFacts): Verdict {
    const { pulse } = this.sources;
    const { stuckAfterMs } = this.bounds;
    // Without the store any loop may hang; and a worker that leaves is about to end by itself.
    if (redisRoundTripMs === null || phase === 'leaving') return verdict([]);
    return verdict([
      (this.age(pulse?.takeLoopMs) ?? 0) > stuckAfterMs &&
        `The loop that takes tasks has not come round for more than ${stuckAfterMs} ms, although Redis answers.`,
      (this.age(pulse?.beatLoopMs) ?? 0) > stuckAfterMs &&
        `The loop that renews leases has not come round for more than ${stuckAfterMs} ms, although Redis answers.`,
    ]);
  }

  /** Whether the app does its work now. */
  readiness({ phase, redisRoundTripMs, lastTakeAgeMs, problems }: HealthFacts): Verdict {
    const { redisTimeoutMs, takesWithinMs } = this.bounds;
    const takes = problems.every(({ part }) => part !== 'worker') && (lastTakeAgeMs ?? Infinity) <= takesWithinMs;
    return verdict([
      phase === 'starting' && 'The app has not started yet.',
      phase === 'leaving' && 'The app is about to leave: it takes no more tasks.',
      redisRoundTripMs === null && `Redis has not answered within ${redisTimeoutMs} ms.`,
      phase === 'started' && this.sources.pulse !== undefined && !takes && 'No tasks can be taken just now.',
    ]);
  }

  stop(): void {
    this.eventLoop?.stop();
  }

  private async ping(): Promise<number | null> {
    const { clock, reader } = this.sources;
    const sentMs = clock.monotonicMs();
    try {
      await reader.ping();
      return rounded(clock.monotonicMs() - sentMs);
    } catch {
      // Why is told by the problems.
      return null;
    }
  }

  private age(sinceMs: number | undefined): number | null {
    return sinceMs === undefined ? null : Math.round(Math.max(0, this.sources.clock.monotonicMs() - sinceMs));
  }
}

/** Of milliseconds that are told, more digits say nothing. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function verdict(reasons: readonly (string | false)[]): Verdict {
  const because = reasons.filter((reason) => reason !== false);
  return { ok: because.length === 0, because };
}
