import type { InjectionToken } from 'tsyringe';

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
