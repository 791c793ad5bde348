/** So many lives go on at a time: they wait most of the time. */
const AT_A_TIME = 16;

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
  const left = [...points];
  const inTurn = async () => {
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      try {
        await live(point);
      } catch (error) {
        failures.push(`${point.name}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, inTurn));
  expect(points.length).toBeGreaterThan(0);
  expect(failures).toEqual([]);
}
