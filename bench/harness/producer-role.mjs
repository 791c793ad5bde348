import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, nowUs } from './process-usage.mjs';

const TEXT = 'hello world';
/** A result that has not come by then counts as this late. */
const LONGEST_WAIT_MS = 1_000;

/** What a producer process does when told. Times are microseconds on the machine's common clock. */
export class ProducerRole {
  constructor(adapter) {
    this.adapter = adapter;
  }

  async open({ port, awaitsResults = false }) {
    this.producer = await this.adapter.openProducer({ port, awaitsResults });
  }

  async close() {
    await this.producer?.close();
    this.producer = undefined;
  }

  /** One call a task, `inFlight` of them unanswered at any time. */
  async enqueueEach({ count, inFlight }) {
    let left = count;
    const startedUs = nowUs();
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (left-- > 0) await this.producer.enqueue(TEXT);
      }),
    );
    return { startedUs, endedUs: nowUs() };
  }

  /** Calls for many, one after another. */
  async enqueueBulk({ count, perCall }) {
    const startedUs = nowUs();
    for (let left = count; left > 0; left -= perCall) {
      await this.producer.enqueueBulk(Array.from({ length: Math.min(left, perCall) }, () => TEXT));
    }
    return { startedUs, endedUs: nowUs() };
  }

  /** One task at each tick, whether or not the last has ended. @returns milliseconds from enqueue to result, of each. */
  async enqueuePaced({ count, perSecond }) {
    const startedUs = nowUs();
    const latenciesMs = [];
    const tasks = [];
    for (let i = 0; i < count; i++) {
      const dueMs = (startedUs + (i * 1_000_000) / perSecond - nowUs()) / 1_000;
      if (dueMs > 0) await sleep(dueMs);
      tasks.push(this.measureResult(latenciesMs));
    }
    await Promise.all(tasks);
    return latenciesMs;
  }

  async measureResult(latenciesMs) {
    const sentUs = nowUs();
    const result = this.producer.enqueueAndWait(String(sentUs));
    // One that is given up may still fail, when its queue is closed.
    result.catch(() => {});
    const late = new AbortController();
    await Promise.race([result, sleep(LONGEST_WAIT_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    latenciesMs.push((nowUs() - sentUs) / 1_000);
  }

  cpuSeconds() {
    return cpuSeconds();
  }
}
