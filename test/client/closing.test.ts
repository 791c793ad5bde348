import { Closing } from '../../src/client/closing';

describe('the end of a client', () => {
  test('wakes all who wait, each once', () => {
    const closing = new Closing();
    const woken: string[] = [];
    const left = () => woken.push('left');
    closing.add(() => woken.push('one'));
    closing.add(left);
    closing.delete(left);
    closing.close();
    closing.close();
    expect(woken).toEqual(['one']);
    expect(closing.isClosed).toBe(true);
  });

  test('wakes at once who comes later', () => {
    const closing = new Closing();
    closing.close();
    const woken = jest.fn();
    closing.add(woken);
    expect(woken).toHaveBeenCalledTimes(1);
  });
});
