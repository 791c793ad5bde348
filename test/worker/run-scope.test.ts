// tsyringe does not load without it.
import 'reflect-metadata';
import { type DependencyContainer, delay, scoped, singleton } from 'tsyringe';

import { Inject, Injectable } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { container as globalContainer, Lifecycle } from '../../src/metadata/reflection';
import { TaskContext } from '../../src/task/task-context';
import { Recipes } from '../../src/worker/recipes';
import type { RunEnvironment } from '../../src/worker/run-environment';
import { RunScope } from '../../src/worker/run-scope';

class AppWide {}
@Injectable()
class OfRun {
  constructor(readonly task: TaskContext) {}
}
@Injectable()
class Unlisted {}

@Task('plain')
class Plain {
  start(): void {}
}
@Task('wide')
class Wide {
  constructor(
    readonly appWide: AppWide,
    @Inject('number') readonly number: number,
    readonly task: TaskContext,
  ) {}
  start(): void {}
}
@Task('heir')
class Heir extends Wide {}
@Task('scoped')
class UsesOfRun {
  constructor(
    readonly one: OfRun,
    readonly two: OfRun,
  ) {}
  start(): void {}
}
@Task('unlisted')
class UsesUnlisted {
  constructor(readonly unlisted: Unlisted) {}
  start(): void {}
}
@Task('late')
class UsesLate {
  constructor(@Inject(delay(() => Unlisted)) readonly unlisted: Unlisted) {}
  start(): void {}
}
@singleton()
@Task('singleton')
class Singleton {
  start(): void {}
}
@scoped(Lifecycle.ContainerScoped)
@Task('scoped-itself')
class ScopedItself {
  start(): void {}
}

describe('what is made for a run', () => {
  let app: DependencyContainer;
  let children: jest.SpyInstance;
  let environment: RunEnvironment;
  let task: TaskContext;

  beforeEach(() => {
    app = globalContainer.createChildContainer();
    app.registerInstance(AppWide, new AppWide());
    app.registerInstance('number', 7);
    app.register(OfRun, { useClass: OfRun }, { lifecycle: Lifecycle.ContainerScoped });
    environment = { container: app, recipes: new Recipes(app) } as RunEnvironment;
    children = jest.spyOn(app, 'createChildContainer');
    task = { id: 'a' } as TaskContext;
  });

  test('of nothing, or of what the app holds and the context, needs no container', () => {
    const scope = new RunScope(environment, task);
    expect(scope.make(Plain)).toBeInstanceOf(Plain);
    expect(scope.make(Plain)).not.toBe(scope.make(Plain));
    const wide = scope.make(Wide);
    expect([wide.appWide, wide.number, wide.task]).toEqual([app.resolve(AppWide), 7, task]);
    expect(scope.make(Heir).appWide).toBe(app.resolve(AppWide));
    expect(children).not.toHaveBeenCalled();
    expect(scope.needsDisposal).toBe(false);
  });

  test('of services of the run is made in one container, and shares them', () => {
    const scope = new RunScope(environment, task);
    const [first, second] = [scope.make(UsesOfRun), scope.make(UsesOfRun)];
    expect(first.one).toBe(first.two);
    expect(second.one).toBe(first.one);
    expect(first.one.task).toBe(task);
    expect(children).toHaveBeenCalledTimes(1);
    expect(new RunScope(environment, task).make(UsesOfRun).one).not.toBe(first.one);
  });

  test('of classes in no list of providers, or named late, is made in a container', () => {
    const scope = new RunScope(environment, task);
    expect(scope.make(UsesUnlisted).unlisted).toBeInstanceOf(Unlisted);
    expect(scope.make(UsesLate).unlisted).toBeInstanceOf(Unlisted);
    expect(children).toHaveBeenCalledTimes(1);
  });

  test('a class that is registered is given as it is registered', () => {
    const [one, other] = [new RunScope(environment, task), new RunScope(environment, task)];
    expect(one.make(Singleton)).toBe(other.make(Singleton));
    expect(one.make(ScopedItself)).toBe(one.make(ScopedItself));
    class Fake extends Plain {}
    app.register(Plain, { useClass: Fake });
    expect(one.make(Plain)).toBeInstanceOf(Fake);
  });

  test('is disposed, whether a container made it or not', async () => {
    const disposed: string[] = [];
    @Task('disposable')
    class Disposable {
      start(): void {}
      async dispose(): Promise<void> {
        await Promise.resolve();
        disposed.push('task');
      }
    }
    @Injectable()
    class Service {
      dispose(): void {
        disposed.push('service');
      }
    }
    @Injectable()
    class Middleware {
      constructor(readonly service: Service) {}
    }
    const scope = new RunScope(environment, task);
    scope.make(Disposable);
    scope.make(Middleware);
    await scope.dispose();
    expect(disposed.sort()).toEqual(['service', 'task']);
  });
});
