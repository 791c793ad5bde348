import { RoleProcess } from './role-process.mjs';

const PER_BULK_CALL = 1_000;
const CLOSE_DEADLINE_MS = 10_000;

/** One system within the bench: its two processes, and the steps that cases have in common. */
export class Cell {
  constructor(system, { port, redis }, { quick, rounds }) {
    Object.assign(this, { system, port, redis, quick, rounds });
  }

  /** Whatever the cell before did: an empty Redis and two processes that do nothing. */
  async begin() {
    if (!this.producer?.isRunning) this.producer = new RoleProcess('producer', this.system);
    if (!this.worker?.isRunning) this.worker = new RoleProcess('worker', this.system);
    await this.redis.flushall();
  }

  /** Ends what the case left open: some systems use the same keys. A process that cannot is replaced. */
  async end() {
    await Promise.all([closeOrStop(this.producer), closeOrStop(this.worker)]);
  }

  /** Puts tasks into the queue by calls for many. */
  async fill(count, deadlineMs) {
    await this.producer.call('open', { port: this.port });
    await this.producer.call('enqueueBulk', { count, perCall: PER_BULK_CALL }, deadlineMs);
    await this.producer.call('close');
  }

  /** @param work What the tasks do: see `WORK` in worker-role.mjs. */
  openWorker(concurrency, work = 'noop') {
    return this.worker.call('open', { port: this.port, concurrency, work });
  }

  closeWorker() {
    return this.worker.call('close');
  }

  /**
   * Every measured drain follows a short one: code is compiled by then, and ended tasks wait for clean-up as in long use.
   * Quick runs have no time for that, and do it once a process.
   */
  async warmUp(concurrency) {
    if (this.quick && this.warm === this.worker) return;
    this.warm = this.worker;
    const count = this.quick ? 300 : 1_000;
    await this.fill(count);
    await this.openWorker(concurrency);
    await this.worker.call('untilWritten', { count });
    await this.closeWorker();
  }

  /** A worker process that has done nothing yet. */
  async freshWorker() {
    await this.worker.stop();
    this.worker = new RoleProcess('worker', this.system);
  }

  async cpuSeconds() {
    const [producer, worker] = await Promise.all([this.producer.call('cpuSeconds'), this.worker.call('cpuSeconds')]);
    return producer + worker;
  }

  async stop() {
    await Promise.all([this.producer?.stop(), this.worker?.stop()]);
    this.producer = undefined;
    this.worker = undefined;
  }
}

async function closeOrStop(role) {
  if (!role?.isRunning) return;
  try {
    await role.call('close', {}, CLOSE_DEADLINE_MS);
  } catch {
    await role.stop();
  }
}
