import { RandomIds } from '../src/ids';
import { assertUsableId } from '../src/task/keys';

test('fresh ids are short, usable, and never the same', () => {
  const source = new RandomIds();
  const ids = Array.from({ length: 2_000 }, () => source.next());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[\w-]{21}[AQgw]$/);
    expect(() => assertUsableId(id)).not.toThrow();
  }
});
