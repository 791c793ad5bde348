import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { cpuSeconds, nowUs } from './process-usage.mjs';

/** Not null: Platformatic would wait on for one that is. */
const RESULT = 'done';

/** What the tasks of a case do. */
const WORK = {
  noop: () => RESULT,
  /** As an answer that comes over a network. */
  wait10ms: () => sleep(10, RESULT),
  /** For as long as the process lives. */
  hold: () => new Promise(() => {}),
  /** The text says when it was enqueued. */
  stamp: (text, role) => {
    role.latenciesMs.push((nowUs() - Number(text)) / 1_000);
    return RESULT;
  },
};

/** What a worker process does when told. Times are microseconds on the machine's common clock. */
export class WorkerRole {
  latenciesMs = [];
  started = 0;
  handled = 0;
  waiter = undefined;

  constructor(adapter) {
    this.adapter = adapter;
  }

  /** Works from now on; `firstStartUs` counts from the first task after this. */
  async open({ port, concurrency, work }) {
    Object.assign(this, { latenciesMs: [], started: 0, handled: 0, firstStartUs: undefined });
    this.probe ??= new Redis({ host: '127.0.0.1', port });
    const openedUs = nowUs();
    const handle = (text) => this.handle(WORK[work], text);
    this.worker = await this.adapter.openWorker({ port, concurrency, handle });
    return { openedUs };
  }

  /** @returns how many tasks it has handled since it was opened. */
  async close() {
    await this.worker?.close();
    this.worker = undefined;
    return this.handled;
  }

  /** Resolves once so many tasks have been started: as many as are held then. */
  async untilStarted({ count }) {
    await this.until(() => this.started >= count);
    return { startedAllUs: nowUs(), rssBytes: process.memoryUsage.rss() };
  }

  async untilHandled({ count }) {
    await this.until(() => this.handled >= count);
    return { firstStartUs: this.firstStartUs, handledUs: nowUs(), handled: this.handled };
  }

  /** Also waits until the outcome of each is in Redis. */
  async untilWritten({ count }) {
    await this.untilHandled({ count });
    while ((await this.adapter.unwritten(this.probe)) > 0) await sleep(1);
    return { firstStartUs: this.firstStartUs, writtenUs: nowUs() };
  }

  /** Resolves once nothing is left to do for ended tasks. */
  async untilCleaned() {
    while (((await this.adapter.uncleaned?.(this.probe)) ?? 0) > 0) await sleep(5);
    return { cleanedUs: nowUs() };
  }

  latencies() {
    return this.latenciesMs;
  }

  cpuSeconds() {
    return cpuSeconds();
  }

  handle(work, text) {
    this.firstStartUs ??= nowUs();
    this.started += 1;
    const result = work(text, this);
    this.notify();
    if (typeof result?.then === 'function') return result.finally(() => this.count());
    this.count();
    return result;
  }

  count() {
    this.handled += 1;
    this.notify();
  }

  notify() {
    if (this.waiter?.condition()) this.waiter.resolve();
  }

  async until(condition) {
    if (condition()) return;
    await new Promise((resolve) => {
      this.waiter = { condition, resolve };
    });
    this.waiter = undefined;
  }
}
