import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { taskDefinition } from '../../src/metadata/task-definition';
import { expectMistake, loose } from './declaration-mistake';

const looseOnEvent = loose(OnEvent);
const uncalledOnEvent = OnEvent as unknown as (...place: unknown[]) => void;

describe('@OnEvent on a task class', () => {
  test('a hook is recorded with the task of its class', () => {
    @Task('probe')
    class Probe {
      start() {}
      @OnEvent('success') onSuccess() {}
      @OnEvent('*') onAny() {}
      @OnEvent('probe:error') onError() {}
    }
    expect(taskDefinition(Probe).hooks).toEqual([
      { pattern: { task: 'probe', event: 'success' }, method: 'onSuccess' },
      { pattern: { task: 'probe', event: '*' }, method: 'onAny' },
      { pattern: { task: 'probe', event: 'error' }, method: 'onError' },
    ]);
  });

  test('a subclass inherits hooks, and the parent gets none of the child', () => {
    @Task('parent')
    class Parent {
      start() {}
      @OnEvent('success') onSuccess() {}
    }
    @Task('child')
    class Child extends Parent {
      @OnEvent('error') onError() {}
    }
    expect(taskDefinition(Child).hooks).toEqual([
      { pattern: { task: 'child', event: 'success' }, method: 'onSuccess' },
      { pattern: { task: 'child', event: 'error' }, method: 'onError' },
    ]);
    expect(taskDefinition(Parent).hooks).toHaveLength(1);
  });

  test('a method that a subclass marks anew has the new pattern alone', () => {
    @Task('parent')
    class Parent {
      start() {}
      @OnEvent('success') onEnd() {}
    }
    @Task('child')
    class Child extends Parent {
      @OnEvent('error') override onEnd() {}
    }
    expect(taskDefinition(Child).hooks).toEqual([{ pattern: { task: 'child', event: 'error' }, method: 'onEnd' }]);
  });

  test('a method that a subclass merely overrides keeps its pattern', () => {
    @Task('parent')
    class Parent {
      start() {}
      @OnEvent('success') onEnd() {}
    }
    @Task('child')
    class Child extends Parent {
      override onEnd() {}
    }
    expect(taskDefinition(Child).hooks).toHaveLength(1);
  });

  test.each([
    ['', 'non-empty text'],
    ['  ', 'non-empty text'],
    [undefined, 'non-empty text'],
    [' success', 'holds a space'],
    ['probe: success', 'holds a space'],
    ['probe:', 'write "*" for any'],
    [':success', 'write "*" for any'],
    ['succ*', 'for a whole event'],
    ['other:success', 'write "success", or move the method to a listener class'],
    ['*:success', 'write "success", or move the method to a listener class'],
  ])('the pattern %p is refused', (pattern, remedy) => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          @looseOnEvent(pattern) hook() {}
        }
        return Probe;
      },
      'Probe.hook',
      remedy,
    );
  });

  test('it is refused on a static method', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          @OnEvent('success') static hook() {}
        }
        return Probe;
      },
      'static Probe.hook',
      'put it on a method of the instance',
    );
  });

  test('it is refused on a property', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          @looseOnEvent('success') hook = () => 1;
        }
        return Probe;
      },
      'Probe.hook',
      'put it on a method of the instance',
    );
  });

  test('it is refused on a getter', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          @OnEvent('success') get hook() {
            return () => 1;
          }
        }
        return Probe;
      },
      'Probe.hook',
      'put it on a method of the instance',
    );
  });

  test('it must be called', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          @uncalledOnEvent hook() {}
        }
        return Probe;
      },
      'Probe.hook',
      "write @OnEvent('success')",
    );
  });
});
