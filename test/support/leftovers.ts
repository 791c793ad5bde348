import { runningProcesses } from '../../src/testing/guarded-child';

/** What still runs and belongs to this test file. Stopped after its last test, so that a failing test leaves nothing. */
export const leftovers = new Set<{ stop(): Promise<unknown> }>();

// Not defined in a script that a test runs in a process of its own: there the watchdog serves.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    await Promise.all([...leftovers, ...runningProcesses].map((leftover) => leftover.stop()));
  });
}
