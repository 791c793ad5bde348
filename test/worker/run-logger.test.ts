// tsyringe does not load without it.
import 'reflect-metadata';
import { singleton } from 'tsyringe';
import { Inject, Injectable } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { LOGGER, type Logger, silentLogger } from '../../src/logger';
import { container as globalContainer, Lifecycle } from '../../src/metadata/reflection';
import { TaskContext } from '../../src/task/task-context';
import { Recipes } from '../../src/worker/recipes';
import type { RunEnvironment } from '../../src/worker/run-environment';
import { RunScope } from '../../src/worker/run-scope';

class AppWide {
  constructor(readonly logger: Logger) {}
}
@Injectable()
class OfRun {
  constructor(@Inject(LOGGER) readonly logger: Logger) {}
}
@Injectable()
class Unlisted {
  constructor(
    @Inject(LOGGER) readonly logger: Logger,
    readonly ofRun: OfRun,
  ) {}
}
@singleton()
class Global {
  constructor(@Inject(LOGGER) readonly logger: Logger) {}
}

@Task('logs')
class Logs {
  constructor(
    @Inject(LOGGER) readonly logger: Logger,
    readonly appWide: AppWide,
  ) {}
  start(): void {}
}
@Task('uses-of-run')
class UsesOfRun {
  constructor(
    readonly ofRun: OfRun,
    readonly unlisted: Unlisted,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
  start(): void {}
}
@Injectable()
class BesideGlobal {
  constructor(
    readonly global: Global,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
}
@Task('uses-global')
class UsesGlobal {
  constructor(readonly beside: BesideGlobal) {}
  start(): void {}
}
@Task('quiet')
class Quiet {
  constructor(
    readonly task: TaskContext,
    readonly appWide: AppWide,
  ) {}
  start(): void {}
}

describe('the logger that is injected', () => {
  const plain: Logger = { ...silentLogger };
  let environment: RunEnvironment;
  let children: jest.SpyInstance;

  beforeEach(() => {
    const app = globalContainer.createChildContainer();
    app.registerInstance(LOGGER, plain);
    app.registerInstance(AppWide, new AppWide(app.resolve(LOGGER)));
    app.register(OfRun, { useClass: OfRun }, { lifecycle: Lifecycle.ContainerScoped });
    environment = { container: app, recipes: new Recipes(app) } as RunEnvironment;
    children = jest.spyOn(app, 'createChildContainer');
  });

  function beginRun() {
    const log: Logger = { ...silentLogger };
    const asked = jest.fn(() => log);
    const task = {
      id: 'a',
      get log() {
        return asked();
      },
    } as unknown as TaskContext;
    return { log, asked, scope: new RunScope(environment, task) };
  }

  test("is the run's own in a task class, without a container of the run", () => {
    const [first, second] = [beginRun(), beginRun()];
    expect(first.scope.make(Logs).logger).toBe(first.log);
    expect(second.scope.make(Logs).logger).toBe(second.log);
    expect(children).not.toHaveBeenCalled();
  });

  test("is the run's own in what is made for the run, however deep", () => {
    for (const { log, scope } of [beginRun(), beginRun()]) {
      const made = scope.make(UsesOfRun);
      const loggers = [made.logger, made.ofRun.logger, made.unlisted.logger, made.unlisted.ofRun.logger];
      expect(loggers.map((logger) => logger === log)).toEqual([true, true, true, true]);
    }
  });

  test("is the app's in its services, and in singletons that a run asks for first", () => {
    expect(beginRun().scope.make(Logs).appWide.logger).toBe(plain);
    const run = beginRun();
    const { beside } = run.scope.make(UsesGlobal);
    expect(beside.global.logger).toBe(plain);
    expect(beside.logger).toBe(run.log);
    expect(beginRun().scope.make(UsesGlobal).beside.global).toBe(beside.global);
  });

  test('is not made for a run that asks for none', () => {
    const { asked, scope } = beginRun();
    scope.make(Quiet);
    expect(asked).not.toHaveBeenCalled();
  });
});
