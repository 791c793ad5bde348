import 'reflect-metadata';
import { container } from 'tsyringe';
import { Inject, Injectable } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { expectMistake } from './declaration-mistake';

interface Clock {
  now(): number;
}

@Injectable()
class HttpClient {
  readonly base = 'http://localhost';
}

describe('the constructor of a task class', () => {
  test('a class and a token are injected', () => {
    @Task('probe')
    class Probe {
      constructor(
        readonly http: HttpClient,
        @Inject('clock') readonly clock: Clock,
      ) {}
      start() {}
    }
    const child = container.createChildContainer();
    child.registerInstance('clock', { now: () => 5 });
    const probe = child.resolve(Probe);
    expect(probe.http).toBeInstanceOf(HttpClient);
    expect(probe.clock.now()).toBe(5);
  });

  test('a subclass without a constructor takes its parent’s, tokens included', () => {
    class Parent {
      constructor(@Inject('url') readonly url: string) {}
      start() {}
    }
    @Task('child')
    class Child extends Parent {}
    const child = container.createChildContainer();
    child.registerInstance('url', 'x');
    expect(child.resolve(Child).url).toBe('x');
  });

  test('a subclass with a constructor of its own does not change its parent', () => {
    @Task('parent')
    class Parent {
      constructor(readonly http: HttpClient) {}
      start() {}
    }
    @Task('child')
    class Child extends Parent {
      constructor(@Inject('proxy') proxy: HttpClient) {
        super(proxy);
      }
    }
    const child = container.createChildContainer();
    child.registerInstance('proxy', { base: 'proxy' });
    expect(child.resolve(Child).http.base).toBe('proxy');
    expect(child.resolve(Parent).http.base).toBe('http://localhost');
  });

  const remedies = ['Import the class as a value', '@Inject(TOKEN)'];

  test('an interface is refused', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          constructor(
            readonly http: HttpClient,
            readonly clock: Clock,
          ) {}
          start() {}
        }
        return Probe;
      },
      'Parameter 2 of the constructor of Probe',
      ...remedies,
    );
  });

  test('a primitive is refused', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          constructor(readonly retries = 3) {}
          start() {}
        }
        return Probe;
      },
      'Parameter 1 of the constructor of Probe',
      ...remedies,
    );
  });

  test('a parent whose constructor has no types is refused, and named', () => {
    expectMistake(
      () => {
        class Base {
          constructor(readonly http: HttpClient) {}
        }
        @Task('probe')
        class Probe extends Base {
          start() {}
        }
        return Probe;
      },
      'Parameter 1 of the constructor of Base',
      'put @Injectable() on the class',
    );
  });

  test('a token that is undefined is refused', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          constructor(@Inject(undefined as unknown as string) readonly clock: Clock) {}
          start() {}
        }
        return Probe;
      },
      'Parameter 1 of the constructor of Probe',
      'imported in a circle',
    );
  });
});
