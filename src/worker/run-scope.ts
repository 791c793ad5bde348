import type { DependencyContainer } from 'tsyringe';
import { LOGGER } from '../logger';
import { TaskContext } from '../task/task-context';
import { OWN_CONTEXT, OWN_LOGGER } from './recipes';
import type { RunEnvironment } from './run-environment';

interface Disposable {
  dispose(): unknown;
}

/** Makes the instances of one run, in a container of its own where they need one; it disposes at the end what it made. */
export class RunScope {
  private container: DependencyContainer | undefined;
  private disposables: Disposable[] | undefined;

  constructor(
    private readonly environment: RunEnvironment,
    private readonly context: TaskContext,
  ) {}

  make<T extends object>(wanted: new (...args: never[]) => T): T {
    const recipe = this.environment.recipes.of(wanted);
    if (!recipe) return this.runContainer().resolve(wanted as new (...args: unknown[]) => T);
    const args = recipe.map((part) => {
      if (part === OWN_CONTEXT) return this.context;
      return part === OWN_LOGGER ? this.context.log : part;
    });
    const instance = new wanted(...(args as never[]));
    // As the container does with what it makes.
    if (isDisposable(instance)) {
      this.disposables ??= [];
      this.disposables.push(instance);
    }
    return instance;
  }

  /** False: there is nothing to wait for. */
  get needsDisposal(): boolean {
    return this.container !== undefined || this.disposables !== undefined;
  }

  async dispose(): Promise<void> {
    const { container, disposables = [] } = this;
    await Promise.all([container?.dispose(), ...disposables.map(async (one) => one.dispose())]);
  }

  private runContainer(): DependencyContainer {
    if (!this.container) {
      this.container = this.environment.container.createChildContainer();
      this.container.registerInstance<TaskContext>(TaskContext as never, this.context);
      this.container.register(LOGGER, { useFactory: () => this.context.log });
    }
    return this.container;
  }
}

function isDisposable(instance: object): instance is Disposable {
  const { dispose } = instance as { dispose?: unknown };
  return typeof dispose === 'function' && dispose.length === 0;
}
