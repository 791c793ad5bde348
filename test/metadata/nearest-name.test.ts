import { nearestName, suggestName } from '../../src/task/nearest-name';

describe('the nearest name', () => {
  const known = ['concurrency', 'retention', 'retry'];

  test.each([
    ['concurency', 'concurrency'],
    ['CONCURRENCY', 'concurrency'],
    ['retentoin', 'retention'],
    ['rety', 'retry'],
    ['colour', undefined],
    ['', undefined],
  ])('to %p is %p', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  test('where none is near, all are told', () => {
    expect(suggestName('colour', known)).toBe('known are: concurrency, retention, retry.');
    expect(suggestName('colour', [])).toBe('none is known here.');
  });
});
