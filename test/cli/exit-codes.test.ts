import { BulkControlError, StoreUnavailableError } from '../../src';
import { exitCodeOf } from '../../src/cli/explain';
import { endOf, worstOf } from '../../src/cli/tasks/task-end';

const REPORT = { looked: 0, matched: 0, done: 0, requested: 0, unchanged: 0, missing: 0 };

test('a command for many tasks that has lost Redis ends as any that does', () => {
  const lost = new BulkControlError('stopMany', REPORT, { cause: new StoreUnavailableError('Redis is away') });
  expect(exitCodeOf(lost)).toBe(3);
  expect(exitCodeOf(new BulkControlError('stopMany', REPORT, { cause: new Error('a fault') }))).toBe(1);
});

test('of several ends one that nobody understands is the worst', () => {
  const { exitCode } = endOf({ id: 'a', state: 'LOST' } as never, undefined);
  expect(worstOf([0, exitCode, 5])).toBe(1);
  expect(worstOf([0, 4, 6, 0])).toBe(6);
  expect(worstOf([0, 0])).toBe(0);
});
