import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type Clock, SystemClock } from '../clock';
import { LineMissingError } from '../errors';
import { type Duration, parseDuration } from '../task/duration';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child that has begun: the watchdog must never get a number that is no process's. */
export interface Launched {
  readonly child: ChildProcess;
  readonly pid: number;
}

interface LineWaiter {
  offer(): void;
  processEnded(): void;
}

/** Those of this process that have not ended yet, for whoever wants to leave nothing behind. */
export const runningProcesses = new Set<GuardedChild>();

// Standard input closes however this process ends, SIGKILL included; then `$0` must not live on.
const WATCHDOG = 'trap "" HUP INT TERM; while read -r _; do :; done; kill -9 "$0"';

/** A child process whose output is kept line by line and which cannot outlive the process that started it. */
export class GuardedChild {
  /** Every line so far of both outputs, in order of arrival. */
  readonly lines: string[] = [];
  readonly stdoutLines: string[] = [];
  readonly stderrLines: string[] = [];
  /** Resolves, never rejects, when the process has ended and its output is read to the end. */
  readonly exited: Promise<ProcessExit>;
  readonly pid: number;
  private hasEnded = false;
  private readonly waiters = new Set<LineWaiter>();

  private readonly child: ChildProcess;

  protected constructor(
    private readonly title: string,
    { child, pid }: Launched,
    private readonly clock: Clock = new SystemClock(),
  ) {
    this.child = child;
    this.pid = pid;
    const watchdog = spawn('sh', ['-c', WATCHDOG, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
    const watchdogGone = once(watchdog, 'close');
    child.once('exit', () => watchdog.kill('SIGKILL'));
    this.collect(child.stdout, this.stdoutLines);
    this.collect(child.stderr, this.stderrLines);
    this.exited = this.ended(watchdogGone);
    runningProcesses.add(this);
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** Sends a real signal; false when the process is gone. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.child.kill(signal);
  }

  /** Ends the process at once, even a suspended one. */
  async stop(): Promise<ProcessExit> {
    this.kill('SIGKILL');
    return this.exited;
  }

  /**
   * Resolves with the line that matches, of either output; one already printed counts.
   * @param pattern A part of the line, or what it matches.
   * @param occurrence 2 waits for the second matching line, and so on.
   * @throws {LineMissingError} The process ended, or the deadline passed, before that.
   */
  waitForLine(pattern: RegExp | string, deadline: Duration = '10s', occurrence = 1): Promise<string> {
    const deadlineMs = parseDuration(deadline, 'the deadline of waitForLine');
    const matches = (line: string) =>
      typeof pattern === 'string' ? line.includes(pattern) : line.search(pattern) >= 0;
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        timer.cancel();
        this.waiters.delete(waiter);
        action();
      };
      const fail = (why: string) => settle(() => reject(this.failure(`no line ${pattern} came ${why}`)));
      const waiter: LineWaiter = {
        offer: () => {
          const line = this.lines.filter(matches)[occurrence - 1];
          if (line !== undefined) settle(() => resolve(line));
        },
        processEnded: () => fail('before the process ended'),
      };
      const timer = this.clock.setTimer(() => fail(`within ${deadlineMs} ms`), deadlineMs);
      this.waiters.add(waiter);
      waiter.offer();
      if (this.hasEnded && this.waiters.has(waiter)) waiter.processEnded();
    });
  }

  private failure(what: string): Error {
    return new LineMissingError(`${this.title}: ${what}. Its output:\n${this.lines.slice(-50).join('\n')}`);
  }

  private async ended(watchdogGone: Promise<unknown>): Promise<ProcessExit> {
    const [code, signal] = await once(this.child, 'close');
    this.hasEnded = true;
    runningProcesses.delete(this);
    for (const waiter of [...this.waiters]) waiter.processEnded();
    await watchdogGone;
    return { code, signal };
  }

  private collect(stream: Readable | null, own: string[]): void {
    let partial = '';
    const add = (line: string) => {
      own.push(line);
      this.lines.push(line);
      for (const waiter of [...this.waiters]) waiter.offer();
    };
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const parts = (partial + text).split('\n');
      partial = parts.pop() ?? '';
      parts.forEach(add);
    });
    stream?.once('end', () => {
      if (partial !== '') add(partial);
    });
  }
}

/** @throws the system's error when the command cannot be started. */
export async function launch(command: string, args: readonly string[], options: SpawnOptions): Promise<Launched> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid !== undefined) return { child, pid };
  const [error] = await once(child, 'error');
  throw error;
}
