import type { WireNames } from '../../src/task/keys';
import { describeCall, faultyStore, openBackend, type StoreCall } from '../../src/testing';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { type Breaker, CrashLab } from './crash-lab';
import { liveAtEveryPoint, useRehearsals } from './every-point';
import { SCENARIOS, type Scenario } from './scenarios';

describe('a worker that dies at a call of its store', () => {
  const server = useServer(() => startRedis());

  /** Dies at this point; at none, it lives until the task has ended. */
  function breakerAt(names: WireNames, point: StoreCall | undefined, seen?: StoreCall[]): Breaker {
    const backend = openBackend({ redis: server().url, names });
    let rehearses = true;
    const store = faultyStore(backend.store, {
      onCall: (call) => {
        if (rehearses) seen?.push(call);
        return point && describeCall(call) === describeCall(point) ? { kind: 'crash' } : undefined;
      },
    });
    return {
      options: { providers: backend.providers(store) },
      kills: point !== undefined,
      struck: point === undefined ? 'rehearsal' : store.crashed,
      bury: async () => {
        rehearses = false;
        if (point === undefined) return;
        store.bury();
        await backend.close();
      },
      close: () => backend.close(),
    };
  }

  /** What a life in which nothing fails calls. */
  async function pointsOf(scenario: Scenario): Promise<StoreCall[]> {
    const seen: StoreCall[] = [];
    await CrashLab.live(server(), scenario, (names) => breakerAt(names, undefined, seen));
    return seen;
  }

  const rehearsed = useRehearsals(SCENARIOS, pointsOf);
  // Of each most of the time is the wait for the lease of the dead.
  test.concurrent.each(SCENARIOS)(
    '$name: the task ends as it should, once, wherever that is',
    async (scenario) => {
      // Where nothing waits there is one only on a busy machine.
      const seen = (await rehearsed(scenario)).filter(({ verb }) => verb !== 'heartbeat' || scenario.act !== undefined);
      const points = seen.map((call) => ({ ...call, name: describeCall(call) }));
      await liveAtEveryPoint(`${scenario.name}, dead at a store call`, points, (point) =>
        CrashLab.live(server(), scenario, (names) => breakerAt(names, point)),
      );
    },
    120_000,
  );
});
