import { Batcher } from '../../src/store/redis/batcher';

describe('what one turn of the event loop asks for', () => {
  const calls: (readonly number[])[] = [];
  const batcher = new Batcher<number, number>(async (items) => {
    calls.push(items);
    return items.map((item) => 2 * item);
  }, 3);

  beforeEach(() => void calls.splice(0));
  afterEach(() => void jest.useRealTimers());

  test('is asked in one call', async () => {
    expect(await Promise.all([batcher.add(1), batcher.add(2)])).toEqual([2, 4]);
    expect(calls).toEqual([[1, 2]]);
  });

  test('is asked where a test has faked the timers, too', async () => {
    jest.useFakeTimers();
    expect(await batcher.add(1)).toBe(2);
  });
});
