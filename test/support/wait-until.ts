import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks every few milliseconds until the answer is true. For what a server can only be asked, not watched.
 * @throws when `deadlineMs` pass first, naming `what`, with the last error as cause.
 */
export async function waitUntil(
  what: string,
  check: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  let cause: unknown;
  while (performance.now() < endMs) {
    try {
      if (await check()) return;
    } catch (error) {
      cause = error;
    }
    await pause(20);
  }
  throw new Error(`${what}: not so within ${deadlineMs} ms`, { cause });
}
