import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { constructorParameters } from '../metadata/constructor-parameters';
import type { AnyClass } from '../metadata/reflection';
import { TaskContext } from '../task/task-context';

/** Stands in a recipe for the context of the run. */
export const OWN_CONTEXT = Symbol('taskwarden.OwnContext');

/** What a class is made of, in the order of its parameters: services of the app, and the run's own context. */
export type Recipe = readonly unknown[];

/**
 * Which classes can be made without a container of the run: a container costs more than all else of a short run.
 * It is decided once a class, since nothing is registered any more when tasks run.
 */
export class Recipes {
  private readonly decided = new Map<AnyClass, Recipe | undefined>();
  /** Has registrations of its own for what is made once a run, and for nothing else. */
  private readonly sample: DependencyContainer;

  constructor(private readonly container: DependencyContainer) {
    this.sample = container.createChildContainer();
  }

  /** Undefined where only a container of the run knows how to make the class. */
  of(wanted: AnyClass): Recipe | undefined {
    if (this.decided.has(wanted)) return this.decided.get(wanted);
    const recipe = this.decide(wanted);
    this.decided.set(wanted, recipe);
    return recipe;
  }

  private decide(wanted: AnyClass): Recipe | undefined {
    // Registered itself: its provider may give something else than a fresh instance.
    if (this.container.isRegistered(wanted as never, true)) return undefined;
    const parameters = constructorParameters(wanted);
    if (parameters === undefined) return undefined;
    const tokens = parameters.map(tokenOf);
    if (!tokens.every((token) => token === TaskContext || this.isAppWide(token))) return undefined;
    return tokens.map((token) =>
      token === TaskContext ? OWN_CONTEXT : this.container.resolve(token as InjectionToken),
    );
  }

  /** What the app's own container holds is made when the app is, and stays; what is global may be made for whoever asks. */
  private isAppWide(token: unknown): boolean {
    return this.container.isRegistered(token as InjectionToken) && !this.sample.isRegistered(token as InjectionToken);
  }
}

/** Undefined for what is more than a token: a list, a transformation. */
function tokenOf(parameter: unknown): unknown {
  if (typeof parameter !== 'object' || parameter === null) return parameter;
  const { token, multiple, transform } = parameter as { token?: unknown; multiple?: unknown; transform?: unknown };
  return multiple === false && transform === undefined ? token : undefined;
}
