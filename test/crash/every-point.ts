/** So many lives of a file go on at a time, of whichever scenarios: they wait most of the time. */
const AT_A_TIME = 24;

let free = AT_A_TIME;
const waiting: (() => void)[] = [];

/**
 * Lives each scenario once without a fault, one after the other before the tests: beside others it might do more than it does alone.
 * @param pointsOf What it does on the way.
 */
export function useRehearsals<Scenario, Point>(
  scenarios: readonly Scenario[],
  pointsOf: (scenario: Scenario) => Promise<Point[]>,
): (scenario: Scenario) => Promise<Point[]> {
  const rehearsals = new Map<Scenario, Promise<Point[]>>();
  beforeAll(async () => {
    for (const scenario of scenarios) {
      const points = pointsOf(scenario);
      rehearsals.set(scenario, points);
      // Its own test fails of it.
      await points.catch(() => {});
    }
  }, 60_000);
  return async (scenario) => (await rehearsals.get(scenario)) ?? [];
}

/**
 * Lives through every point, and prints them with their number.
 * @throws What failed, by point.
 */
export async function liveAtEveryPoint<Point extends { readonly name: string }>(
  what: string,
  points: readonly Point[],
  live: (point: Point) => Promise<void>,
): Promise<void> {
  process.stdout.write(`${points.length} points, ${what}: ${points.map(({ name }) => name).join(', ')}\n`);
  const failures: string[] = [];
  const liveAt = async (point: Point) => {
    try {
      await live(point);
    } catch (error) {
      failures.push(`${point.name}: ${(error as Error).message}`);
    }
  };
  await Promise.all(points.map((point) => inTurn(() => liveAt(point))));
  expect(points.length).toBeGreaterThan(0);
  expect(failures).toEqual([]);
}

async function inTurn(live: () => Promise<void>): Promise<void> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  await live();
  // Its place goes to the next one.
  const next = waiting.shift();
  if (next) next();
  else free += 1;
}
