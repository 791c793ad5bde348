import { BoundedNames } from '../../src/monitoring/bounded-names';

test('names that are known are told, others as one', () => {
  const names = new BoundedNames(['a', 'b'], 0, 'unknown');
  expect(['a', 'b', 'c', undefined].map((name) => names.of(name))).toEqual(['a', 'b', 'unknown', 'unknown']);
});

test('of names that are not known the first are told, up to a number', () => {
  const names = new BoundedNames(['a'], 2, 'other');
  expect(['x', 'y', 'z', 'x', 'a', 'z'].map((name) => names.of(name))).toEqual(['x', 'y', 'other', 'x', 'a', 'other']);
});
