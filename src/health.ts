import type { Clock } from './clock';
import type { Logger } from './logger';

/** What a part of the app cannot do just now. */
export interface HealthProblem {
  /**
   * `redis:commands`, `redis:blocking`, `redis:subscriber`, `redis:replication`, `subscriptions`, `worker`, `heartbeat`,
   * `control`, `listeners`, `monitor`, `orphan-scan`, `cleanup` or `scheduler`.
   */
  readonly part: string;
  /** What the last error said. */
  readonly problem: string;
  /** When the part began to fail, in epoch milliseconds. */
  readonly sinceMs: number;
}

/** What does not work at this moment; nothing, where all is well. */
export interface Health {
  readonly healthy: boolean;
  readonly problems: readonly HealthProblem[];
}

/** What the log says at a change of a part, once. */
export interface HealthMessages {
  readonly fails: string;
  readonly works: string;
}

/** Where one part tells how it fares, as often as it likes: only changes are kept and logged. */
export interface HealthPart {
  fails(error: unknown): void;
  works(): void;
  /** The part has ended: nobody can say any more whether it works. */
  ends(): void;
}

/** Collects from the parts of an app what does not work just now. */
export class HealthBoard {
  private readonly problems = new Map<string, HealthProblem>();

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get health(): Health {
    return { healthy: this.problems.size === 0, problems: [...this.problems.values()] };
  }

  /** @param messages Left out where the part logs its changes itself. */
  part(name: string, messages?: HealthMessages): HealthPart {
    return {
      fails: (error) => {
        const former = this.problems.get(name);
        const problem = error instanceof Error ? error.message : String(error);
        this.problems.set(name, { part: name, problem, sinceMs: former?.sinceMs ?? this.clock.nowMs() });
        if (!former && messages) this.logger.warn({ err: error }, messages.fails);
      },
      works: () => {
        if (this.problems.delete(name) && messages) this.logger.info({}, messages.works);
      },
      ends: () => {
        this.problems.delete(name);
      },
    };
  }
}
