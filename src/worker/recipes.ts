import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { LOGGER } from '../logger';
import { constructorParameters } from '../metadata/constructor-parameters';
import { type AnyClass, Lifecycle } from '../metadata/reflection';
import { TaskContext } from '../task/task-context';

/** Stands in a recipe for the context of the run. */
export const OWN_CONTEXT = Symbol('taskwarden.OwnContext');
/** Stands in a recipe for the logger of the run. */
export const OWN_LOGGER = Symbol('taskwarden.OwnLogger');

const OWN = new Map<unknown, symbol>([
  [TaskContext, OWN_CONTEXT],
  [LOGGER, OWN_LOGGER],
]);

/** What a class is made of, in the order of its parameters: services of the app, and the run's own context and logger. */
export type Recipe = readonly unknown[];

/** What tsyringe knows of a token, here or in a parent; it has no public way to ask. */
interface Registrations {
  getRegistration(token: unknown): {
    readonly provider: { readonly useClass?: unknown };
    readonly options: { readonly lifecycle: Lifecycle };
  } | null;
}

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
    if (!recipe) this.makeSingletons(wanted);
    this.decided.set(wanted, recipe);
    return recipe;
  }

  private decide(wanted: AnyClass): Recipe | undefined {
    // Registered itself: its provider may give something else than a fresh instance.
    if (this.container.isRegistered(wanted as never, true)) return undefined;
    const parameters = constructorParameters(wanted);
    if (parameters === undefined) return undefined;
    const tokens = parameters.map(tokenOf);
    if (!tokens.every((token) => OWN.has(token) || this.isAppWide(token))) return undefined;
    return tokens.map((token) => OWN.get(token) ?? this.container.resolve(token as InjectionToken));
  }

  /**
   * tsyringe makes a singleton of its global container where it is asked for first, and once: in a run it would get the logger
   * of that run, for good. So they are made before, in the app's container.
   */
  private makeSingletons(token: unknown, seen = new Set<unknown>()): void {
    if (token === undefined || OWN.has(token) || seen.has(token)) return;
    seen.add(token);
    const registration = (this.container as unknown as Registrations).getRegistration(token);
    const made = registration?.provider.useClass ?? token;
    const parameters = typeof made === 'function' ? (constructorParameters(made as AnyClass) ?? []).map(tokenOf) : [];
    if (registration?.options.lifecycle !== Lifecycle.Singleton) {
      for (const parameter of parameters) this.makeSingletons(parameter, seen);
    } else if (!parameters.includes(TaskContext)) {
      this.container.resolve(token as InjectionToken);
    }
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
