import { matches, parseEventPattern } from '../../src/metadata/event-pattern';

function isHeard(text: string, taskName: string | undefined, event: string): boolean {
  const pattern = parseEventPattern(text);
  return !('mistake' in pattern) && matches(pattern, taskName, event);
}

describe('event patterns of a listener', () => {
  test.each([
    ['probe:success', 'probe', 'success', true],
    ['probe:success', 'probe', 'error', false],
    ['probe:success', 'other', 'success', false],
    ['probe:*', 'probe', 'anything', true],
    ['probe:*', 'other', 'anything', false],
    ['*:exception', 'other', 'exception', true],
    ['*:exception', undefined, 'exception', true],
    ['*:exception', 'other', 'success', false],
    ['probe:*', undefined, 'success', false],
    ['*', undefined, 'success', true],
    ['*:*', 'probe', 'success', true],
    ['probe:cache:hit', 'probe', 'cache:hit', true],
    ['probe:not found', 'probe', 'not found', true],
  ])('%p hears of task %p event %p: %p', (text, taskName, event, heard) => {
    expect(isHeard(text, taskName, event)).toBe(heard);
  });

  test('an event without a task is a mistake', () => {
    expect(parseEventPattern('success')).toEqual({ mistake: expect.stringContaining('"*:success"') });
  });
});
