import type { Defaulted } from '../task/default';
import type { TaskClass } from '../task/task-class';
import type { TaskContext } from '../task/task-context';

/**
 * What a producer passes to start a task: the data of its input class, in which properties marked `Default` or
 * optional may be left out, dates may be ISO text, and methods don't occur.
 */
export type InputOf<T extends TaskClass> = Given<DeclaredInput<InstanceType<T>>>;

/** What the run of a task is given: an instance of its input class, validated, with the defaults filled in. */
export type ReadInputOf<T extends TaskClass> = DeclaredInput<InstanceType<T>>;

/** What `start` of a task resolves to. */
export type OutputOf<T extends TaskClass> = Awaited<ReturnType<InstanceType<T>['start']>>;

/** The parameters that follow a task class: the input, which may be left out where it can be empty. */
export type InputArguments<T extends TaskClass> =
  Record<string, never> extends InputOf<T> ? [input?: InputOf<T>] : [input: InputOf<T>];

type NoInput = Record<string, never>;

/** The first parameter of `start` unless that is the context, else a property `input`, else nothing. */
type DeclaredInput<Instance> = Instance extends { start(...args: infer Args): unknown }
  ? Args extends readonly []
    ? PropertyInput<Instance>
    : IsAny<Args[0]> extends true
      ? object
      : NonNullable<Args[0]> extends TaskContext
        ? PropertyInput<Instance>
        : NonNullable<Args[0]>
  : NoInput;

type PropertyInput<Instance> = Instance extends { input: infer Input } ? Input : NoInput;

type IsAny<T> = 0 extends 1 & T ? true : false;

type Method = (...args: never[]) => unknown;

type Primitive = string | number | boolean | bigint | symbol | null | undefined;

/** A value as a producer gives it, and JSON carries it. */
type Given<T> =
  IsAny<T> extends true
    ? T
    : T extends Primitive
      ? T
      : T extends Date
        ? Date | string
        : T extends ReadonlyMap<infer Key extends string | number, infer Value>
          ? { readonly [Name in Key]: Given<Value> }
          : T extends ReadonlySet<infer Item>
            ? readonly Given<Item>[]
            : T extends readonly unknown[]
              ? { readonly [Index in keyof T]: Given<T[Index]> }
              : T extends object
                ? GivenObject<T>
                : T;

type GivenObject<T> = string extends keyof T
  ? { readonly [Key in keyof T]: Given<T[Key]> }
  : [DataKeys<T>] extends [never]
    ? NoInput
    : Flat<
        { readonly [Key in Exclude<DataKeys<T>, OptionalKeys<T>>]: Given<T[Key]> } & {
          // JSON leaves out what is undefined, so that it may be given for what may be absent.
          readonly [Key in DataKeys<T> & OptionalKeys<T>]?: Given<WithoutBrand<T[Key]>> | undefined;
        }
      >;

type Flat<T> = { [Key in keyof T]: T[Key] };

type WithoutBrand<T> = T extends Defaulted ? never : T;

type DataKeys<T> = {
  [Key in keyof T]-?: NonNullable<T[Key]> extends Method ? (IsAny<T[Key]> extends true ? Key : never) : Key;
}[keyof T] &
  string;

type OptionalKeys<T> = {
  [Key in keyof T]-?: Partial<Pick<T, Key>> extends Pick<T, Key> ? Key : IsDefaulted<T[Key]> extends true ? Key : never;
}[keyof T];

type IsDefaulted<T> = [Extract<T, Defaulted>] extends [never] ? false : true;
