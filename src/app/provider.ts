import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { ConfigurationError } from '../errors';
import { recordConstructor } from '../metadata/constructor-parameters';
import { className, Lifecycle } from '../metadata/reflection';
import type { Disposals } from './disposals';

type Constructor<T> = new (...args: never[]) => T;

/** Gives what was registered under a token, or an instance of a class. */
export type Resolve = <T>(token: InjectionToken<T>) => T;

/** How the app's container makes a service. A class alone stands for itself. */
export type Provider<T = unknown> =
  | Constructor<T>
  | { readonly provide: InjectionToken<T>; readonly useValue: T }
  | { readonly provide: InjectionToken<T>; readonly useClass: Constructor<T>; readonly scope?: ProviderScope }
  /** May be asynchronous; it can use the providers that stand before it. */
  | { readonly provide: InjectionToken<T>; readonly useFactory: (resolve: Resolve) => T | Promise<T> };

/** `app`: one instance, disposed when the app closes. `run`: one for each run of a task, disposed at its end. */
export type ProviderScope = 'app' | 'run';

const WAYS = ['useValue', 'useClass', 'useFactory'] as const;

/**
 * Makes an app-wide service at once, in the app's container: made within a run, it would be disposed with the run.
 * @throws {ConfigurationError} It is no provider.
 * @throws {DeclarationError} The constructor of its class cannot be injected.
 */
export async function provide(container: DependencyContainer, provider: Provider, disposals: Disposals): Promise<void> {
  if (typeof provider === 'function') {
    return provide(container, { provide: provider as never, useClass: provider }, disposals);
  }
  assertProvider(provider);
  const { provide: token } = provider;
  if ('useValue' in provider) {
    container.registerInstance(token, provider.useValue);
    return;
  }
  if ('useClass' in provider) recordConstructor(provider.useClass as never);
  if ('useClass' in provider && provider.scope === 'run') {
    container.register(token, { useClass: provider.useClass as never }, { lifecycle: Lifecycle.ContainerScoped });
    return;
  }
  const service =
    'useClass' in provider
      ? container.resolve(provider.useClass as never)
      : await provider.useFactory((wanted) => container.resolve(wanted));
  container.registerInstance(token, service);
  disposals.addService(service);
}

function assertProvider(provider: unknown): void {
  const given = typeof provider === 'object' && provider !== null ? Object.keys(provider) : [];
  const ways = WAYS.filter((way) => given.includes(way));
  if (given.includes('provide') && ways.length === 1) return;
  throw new ConfigurationError(
    `providers: ${className(provider)} is no provider. Give a class, or { provide: TOKEN } with one of ${WAYS.join(', ')}.`,
  );
}
