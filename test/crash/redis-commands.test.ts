import { deferred } from '../../src/deferred';
import { type Cut, FaultProxy } from '../../src/testing';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { commandCounter } from './command-points';
import { type Breaker, CrashLab } from './crash-lab';
import { liveAtEveryPoint, useRehearsals } from './every-point';
import { SCENARIOS, type Scenario } from './scenarios';

/** A command of the doomed worker, by its name or that of its script. */
interface Sent {
  readonly command: string;
  readonly nth: number;
}

/** Where its connection is cut. */
interface Point extends Sent {
  readonly name: string;
  readonly cut: Cut;
}

/** What a client says to make a connection usable; no part of a task's life. */
const GREETINGS = /^(HELLO|AUTH|SELECT|INFO|CLIENT|PING|P?(UN)?SUBSCRIBE)$/;
/** Asked again and again while nothing happens: how often they come before the end is chance. */
const POLLS = new Set(['take', 'admit', 'BLMOVE', 'heartbeat_and_enter']);

describe('at a command of Redis', () => {
  const server = useServer(() => startRedis());

  async function breakerAt(point: Point | undefined, kills: boolean, seen?: Sent[]): Promise<Breaker> {
    const proxy = await FaultProxy.start(server());
    const struck = deferred();
    const counted = commandCounter();
    let rehearses = true;
    proxy.onCommand((sent) => {
      const { command, nth } = counted(sent);
      if (rehearses) seen?.push({ command, nth });
      if (command !== point?.command || nth !== point.nth) return undefined;
      if (kills) proxy.refuse();
      struck.resolve();
      return point.cut;
    });
    return {
      options: { redis: proxy.url },
      kills,
      struck: point === undefined ? 'rehearsal' : struck.promise,
      bury: () => {
        rehearses = false;
        if (point !== undefined) proxy.cut();
      },
      close: () => proxy.stop(),
    };
  }

  /** What a life in which nothing fails sends. */
  async function pointsOf(scenario: Scenario): Promise<Point[]> {
    const seen: Sent[] = [];
    await CrashLab.live(server(), scenario, () => breakerAt(undefined, false, seen));
    return seen
      .filter(({ command, nth }) => !GREETINGS.test(command) && (nth === 1 || !POLLS.has(command)))
      .flatMap(({ command, nth }) =>
        (['cut-before', 'cut-after'] as const).map((cut) => ({ name: `${command}#${nth} ${cut}`, command, nth, cut })),
      );
  }

  const rehearsed = useRehearsals(SCENARIOS, pointsOf);

  describe.each([
    ['dies', true],
    ['loses its connection', false],
  ])('a worker that %s', (_what, kills) => {
    // Of each most of the time is the wait for the lease of the dead.
    test.concurrent.each(SCENARIOS)(
      '$name: the task ends as it should, once, wherever that is',
      async (scenario) => {
        const points = await rehearsed(scenario);
        await liveAtEveryPoint(`${scenario.name}, ${kills ? 'dead' : 'cut off'} at a command`, points, (point) =>
          CrashLab.live(server(), scenario, () => breakerAt(point, kills)),
        );
      },
      120_000,
    );
  });
});
