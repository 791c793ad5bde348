import { inNextTurn } from '../../clock';
import { StoreRefusedError } from '../../errors';
import type { TaskKeys } from '../../task/keys';
import type { Lease } from '../worker-store';
import type { RedisConnection } from './redis-connection';
import { appendLog } from './scripts/append-log';

/**
 * So long a log is kept after its last line, should nobody see to it: whoever deletes a hash and knows of no logs, or dies
 * between the two, leaves it behind.
 */
const KEEP_MS = 30 * 24 * 3_600_000;

/** The lines of a run that are not sent yet. Runs that were opened together share a token, but no lease. */
interface Waiting {
  readonly lease: Lease;
  readonly most: number;
  readonly lines: string[];
  readonly written: Promise<boolean>;
  readonly resolve: (written: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects what the runs of this process log in one turn of the event loop, and sends it in one call; while that is under way, what
 * comes meanwhile. So it holds no more lines of a run than its log does, twice over, however long Redis takes.
 */
export class RedisTaskLogs {
  private waiting = new Map<Lease, Waiting>();
  private underWay = 0;
  private isDue = false;
  /** Redis has the script, as far as is known: a call is not sent twice. */
  private isLoaded = false;
  private lastSent: Promise<void> | undefined;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  append(lease: Lease, line: string, most: number): Promise<boolean> {
    const { lines, written } = this.waiting.get(lease) ?? this.begin(lease, most);
    lines.push(line);
    // Now and then only: each time all of them would be moved.
    if (lines.length >= 2 * most) lines.splice(0, lines.length - most);
    this.becomeDue();
    return written;
  }

  /**
   * Sends what waits: to be called before what ends a run, as lines of one that has ended are refused.
   * @returns What has to be waited for, where what is sent later may overtake it; it does not reject.
   */
  flush(): Promise<void> | undefined {
    if (this.waiting.size > 0) this.lastSent = this.send();
    return this.underWay > 0 && (!this.isLoaded || this.redis.isCluster) ? this.lastSent : undefined;
  }

  private begin(lease: Lease, most: number): Waiting {
    let resolve: Waiting['resolve'] = () => {};
    let reject: Waiting['reject'] = () => {};
    const written = new Promise<boolean>((accept, refuse) => {
      [resolve, reject] = [accept, refuse];
    });
    const waiting = { lease, most, lines: [], written, resolve, reject };
    this.waiting.set(lease, waiting);
    return waiting;
  }

  private becomeDue(): void {
    if (this.isDue || this.underWay > 0) return;
    this.isDue = true;
    inNextTurn(() => {
      this.isDue = false;
      if (this.underWay === 0) void this.flush();
    });
  }

  private async send(): Promise<void> {
    const sent = [...this.waiting.values()];
    this.waiting = new Map();
    const rows = sent.map(({ lease: { id, token }, most, lines }) => {
      return { key: this.keys.task(id), beside: this.keys.log(id), token, most, lines: lines.slice(-most).join('\n') };
    });
    this.underWay += 1;
    try {
      const replies = await appendLog.run(this.redis, rows, { keepMs: KEEP_MS });
      this.isLoaded = true;
      sent.forEach(({ resolve, reject }, position) => {
        const reply = replies[position];
        if (typeof reply === 'string') reject(new StoreRefusedError(`A line of a log could not be written: ${reply}`));
        else resolve(reply === 1);
      });
    } catch (error) {
      this.isLoaded = false;
      for (const { reject } of sent) reject(error);
    } finally {
      this.underWay -= 1;
      if (this.waiting.size > 0) this.becomeDue();
    }
  }
}
