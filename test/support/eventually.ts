import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 4;

/**
 * Repeats an assertion every few milliseconds until it holds, and answers what it answered.
 * @param pollMs Between two of them; longer for what is dear.
 * @throws What the assertion threw last, once `deadlineMs` have passed.
 */
export async function eventually<T>(assertion: () => T | Promise<T>, deadlineMs = 5_000, pollMs = POLL_MS): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= endMs) throw error;
    }
    await pause(pollMs);
  }
}
