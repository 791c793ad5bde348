import { RecentlyTold } from '../../src/store/redis/recently-told';

test('an id is new once, and again when 200,000 others came after it', () => {
  const told = new RecentlyTold();
  expect([told.isNew('a'), told.isNew('a')]).toEqual([true, false]);
  for (let n = 0; n < 100_000; n++) told.isNew(`id-${n}`);
  expect(told.isNew('a')).toBe(false);
  for (let n = 0; n < 200_000; n++) told.isNew(`other-${n}`);
  expect(told.isNew('a')).toBe(true);
});
