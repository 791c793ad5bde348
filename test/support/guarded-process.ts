import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { leftovers } from './leftovers';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface LineWaiter {
  offer(): void;
  processEnded(): void;
}

// Standard input closes however this process ends, SIGKILL included; then `$0` must not live on.
const WATCHDOG = 'trap "" HUP INT TERM; while read -r _; do :; done; kill -9 "$0"';

/** A child process whose output is kept line by line and which cannot outlive the process that started it. */
export class GuardedProcess {
  /** Every line so far of both outputs, in order of arrival. */
  readonly lines: string[] = [];
  readonly stdoutLines: string[] = [];
  readonly stderrLines: string[] = [];
  /** Resolves, never rejects, when the process has ended and its output is read to the end. */
  readonly exited: Promise<ProcessExit>;
  readonly pid: number;
  private hasEnded = false;
  private readonly waiters = new Set<LineWaiter>();

  private constructor(
    private readonly title: string,
    private readonly child: ChildProcess,
    pid: number,
  ) {
    this.pid = pid;
    const watchdog = spawn('sh', ['-c', WATCHDOG, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
    const watchdogGone = once(watchdog, 'close');
    child.once('exit', () => watchdog.kill('SIGKILL'));
    this.collect(child.stdout, this.stdoutLines);
    this.collect(child.stderr, this.stderrLines);
    this.exited = this.ended(watchdogGone);
    leftovers.add(this);
  }

  /** @throws the system's error when the command cannot be started. */
  static async start(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<GuardedProcess> {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) return new GuardedProcess([command, ...args].join(' '), child, pid);
    const [error] = await once(child, 'error');
    throw error;
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
   * @param occurrence 2 waits for the second matching line, and so on.
   * @throws when the process ends, or `deadlineMs` pass, before that; the message holds the output.
   */
  waitForLine(pattern: RegExp | string, deadlineMs = 10_000, occurrence = 1): Promise<string> {
    const matches = (line: string) =>
      typeof pattern === 'string' ? line.includes(pattern) : line.search(pattern) >= 0;
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(deadline);
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
      const deadline = setTimeout(() => fail(`within ${deadlineMs} ms`), deadlineMs);
      this.waiters.add(waiter);
      waiter.offer();
      if (this.hasEnded && this.waiters.has(waiter)) waiter.processEnded();
    });
  }

  private failure(what: string): Error {
    return new Error(`${this.title}: ${what}. Its output:\n${this.lines.slice(-50).join('\n')}`);
  }

  private async ended(watchdogGone: Promise<unknown>): Promise<ProcessExit> {
    const [code, signal] = await once(this.child, 'close');
    this.hasEnded = true;
    leftovers.delete(this);
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
