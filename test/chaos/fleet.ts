import { setTimeout as pause } from 'node:timers/promises';
import { FaultProxy, WorkerProcess } from '../../src/testing';
import type { RedisServer } from '../support/redis-server';
import type { Kill } from './judge';

const HOOK = 'test/support/register-typescript.cjs';
const SCRIPT = 'test/chaos/worker.ts';
const READY = /^ready$/;
/** From then on it leaves when it is asked to. */
const SERVES = /^serves$/;
const LONGEST_START_MS = 15_000;
/** `grace`, twice `stopTimeout`, a Redis that is away, and two busy cores. */
const LONGEST_LEAVE_MS = 12_000;
const LINES_OF_A_COMPLAINT = 15;

interface Slot {
  readonly name: string;
  readonly proxy: FaultProxy;
  readonly env: Readonly<Record<string, string>>;
  process: WorkerProcess | undefined;
  paused: boolean;
}

/** The worker processes, each behind a proxy of its own, and one more that the poisonous tasks kill. */
export class Fleet {
  readonly kills: Kill[] = [];
  /** What a worker did that no fault explains. */
  readonly complaints: string[] = [];
  readonly processes: WorkerProcess[] = [];
  private readonly slots: Slot[] = [];
  private poisoned: Slot | undefined;
  private closing = false;

  constructor(
    private readonly redis: RedisServer,
    private readonly folder: string,
  ) {}

  /** Resolves when all work. */
  async start(workers: number): Promise<void> {
    for (let nth = 0; nth < workers; nth++) {
      // All but one know the rare: it is by chance who meets an id, and each miss doubles how long it is put off.
      const rare = nth === 0 ? '0' : '1';
      // One deletes what has ended at once: a task that is started again may find no hash.
      this.slots.push(await this.slot(`worker ${nth}`, { CHAOS_RARE: rare, CHAOS_RETENTION: nth === 1 ? '0' : '1h' }));
    }
    this.poisoned = await this.slot('poisoned worker', { CHAOS_POISON: '1' });
    const started = await Promise.all([...this.slots, this.poisoned].map((slot) => this.launch(slot)));
    await Promise.all(started.map((process) => process?.waitForLine(READY, '30s')));
  }

  get proxies(): readonly FaultProxy[] {
    return this.slots.map(({ proxy }) => proxy);
  }

  get running(): number {
    return this.slots.filter(({ process, paused }) => process?.isRunning && !paused).length;
  }

  /** Those that run ordinary tasks. */
  get ordinary(): WorkerProcess[] {
    return this.slots.flatMap(({ process }) => (process ? [process] : []));
  }

  proxy(worker: number): FaultProxy {
    return this.at(worker).proxy;
  }

  /** SIGKILL; another process takes its place after a while. */
  async kill(worker: number, ms: number): Promise<void> {
    const slot = this.at(worker);
    const { process } = slot;
    if (process === undefined) return;
    slot.process = undefined;
    await process.crash();
    this.kills.push({ pid: process.pid, atMs: Date.now() });
    await pause(ms);
    await this.launch(slot);
  }

  /** SIGSTOP, then SIGCONT. */
  async suspend(worker: number, ms: number): Promise<void> {
    const slot = this.at(worker);
    slot.process?.pause();
    slot.paused = true;
    await pause(ms);
    slot.paused = false;
    slot.process?.resume();
  }

  /** SIGTERM; another process takes its place after a while. */
  async leave(worker: number, ms: number): Promise<void> {
    const slot = this.at(worker);
    await this.dismiss(slot);
    await pause(ms);
    await this.launch(slot);
  }

  /** Asks all to leave, at once. */
  async dismissAll(): Promise<void> {
    this.closing = true;
    await Promise.all(this.everySlot.map((slot) => this.dismiss(slot)));
  }

  /** Ends whatever still runs. */
  async stop(): Promise<void> {
    this.closing = true;
    await Promise.all(this.processes.filter(({ isRunning }) => isRunning).map((process) => process.crash()));
    await Promise.all(this.everySlot.map(({ proxy }) => proxy.stop()));
  }

  private get everySlot(): Slot[] {
    return [...this.slots, ...(this.poisoned ? [this.poisoned] : [])];
  }

  private at(worker: number): Slot {
    const slot = this.slots[worker];
    if (slot === undefined) throw new RangeError(`There is no worker ${worker}.`);
    return slot;
  }

  private async slot(name: string, env: Readonly<Record<string, string>>): Promise<Slot> {
    const proxy = await FaultProxy.start(this.redis);
    return { name, proxy, env, process: undefined, paused: false };
  }

  private async launch(slot: Slot): Promise<WorkerProcess | undefined> {
    if (this.closing) return undefined;
    const env = { ...slot.env, REDIS_URL: slot.proxy.url, CHAOS_FOLDER: this.folder };
    const process = await WorkerProcess.start(SCRIPT, { nodeArgs: ['--require', `./${HOOK}`], env });
    slot.process = process;
    this.processes.push(process);
    void process.exited.then(({ code, signal }) => this.ended(slot, process, code ?? signal));
    return process;
  }

  /** Who kills a process, or asks it to leave, takes it out of its slot before. */
  private ended(slot: Slot, process: WorkerProcess, how: number | string | null): void {
    if (slot.process !== process || this.closing) return;
    slot.process = undefined;
    const isPoison = slot === this.poisoned && how === 'SIGKILL';
    if (!isPoison) this.complain(slot, process, `ended by itself: ${how}`);
    void this.launch(slot);
  }

  private complain(slot: Slot, { pid, lines }: WorkerProcess, what: string): void {
    const said = lines.slice(-LINES_OF_A_COMPLAINT).map((line) => `\n    ${line}`);
    this.complaints.push(`${slot.name} (process ${pid}) ${what}. It said last:${said.join('')}`);
  }

  private async dismiss(slot: Slot): Promise<void> {
    const { process } = slot;
    slot.process = undefined;
    if (process === undefined) return;
    await process.waitForLine(SERVES, LONGEST_START_MS);
    process.kill('SIGTERM');
    const late = new AbortController();
    const exit = await Promise.race([process.exited, pause(LONGEST_LEAVE_MS, undefined, { signal: late.signal })]);
    late.abort();
    if (exit?.code === 0) return;
    const what =
      exit === undefined ? `had not left after ${LONGEST_LEAVE_MS} ms` : `left with ${exit.code ?? exit.signal}`;
    this.complain(slot, process, `was asked to leave and ${what}`);
    await process.crash();
    this.kills.push({ pid: process.pid, atMs: Date.now() });
  }
}
