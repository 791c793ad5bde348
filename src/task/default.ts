declare const DEFAULTED: unique symbol;

/** The phantom that `Default` carries; no value ever has it. */
export interface Defaulted {
  readonly [DEFAULTED]: true;
}

/**
 * The type of an input property that has an initializer: it reads as `T`, and a producer may leave it out.
 * Nothing of it exists at run time.
 */
export type Default<T> = T | (T & Defaulted);
