import { type App, type AppOptions, isTaskClass, type TaskClass } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';

/** What a module has to offer: an app as it is, or what one is made of. */
export type Offer = ({ readonly app: App } | { readonly options: AppOptions }) & {
  /** What was found, for people. */
  readonly found: string;
  /** The exports that nothing is done with, each with its kind. */
  readonly ignored: readonly string[];
};

const WANTED =
  'export an app (an App of createApp, a promise of one, or a function that returns one) as app or default, ' +
  'the options of createApp as options or default, or task classes under any name';
const MOST_NAMED = 10;

/**
 * What is to be done with the exports of a module: an app counts first, then options, then all task classes.
 * @throws {CommandError} There is nothing of the kind, or an app is none.
 */
export async function readExports(namespace: Readonly<Record<string, unknown>>, path: string): Promise<Offer> {
  const exported = flat(namespace);
  for (const name of ['app', 'default']) {
    const value = exported[name];
    if (isApp(value) || isPromise(value) || isFactory(value)) return readApp(exported, name, path);
  }
  for (const name of ['options', 'default']) {
    const value = exported[name];
    if (isOptions(value)) return { options: value, found: `options in ${name}`, ignored: othersOf(exported, [name]) };
  }
  const tasks = [...new Set(Object.values(exported).flatMap(classesOf))];
  if (tasks.length === 0) {
    const others = othersOf(exported, []);
    throw new CommandError(
      EXIT.usage,
      `${path} exports no app, options or task classes (but ${others.join(', ') || 'nothing at all'}): ${WANTED}.`,
    );
  }
  const names = [...new Set(tasks.map(({ name }) => name || 'a class without a name'))].join(', ');
  const used = Object.keys(exported).filter((name) => classesOf(exported[name]).length > 0);
  const found = `${tasks.length} task ${tasks.length === 1 ? 'class' : 'classes'} (${names})`;
  return { options: { tasks }, found, ignored: othersOf(exported, used) };
}

/** `module.exports = {…}`, and a default export of CommonJS that TypeScript made, are one level deeper for an `import`. */
function flat(namespace: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // The names of CommonJS are guessed from its text: some may be of no value.
  const present = Object.entries(namespace).filter(([, value]) => value !== undefined);
  const { 'module.exports': whole, default: byDefault, ...named } = Object.fromEntries(present);
  const inner = whole ?? byDefault;
  if (!isPlainObject(inner) || (isOptions(inner) && !Object.hasOwn(inner, '__esModule'))) {
    return byDefault === undefined ? named : { ...named, default: byDefault };
  }
  const { __esModule: _mark, ...rest } = { ...named, ...inner };
  return rest;
}

async function readApp(exported: Readonly<Record<string, unknown>>, name: string, path: string): Promise<Offer> {
  const value = exported[name];
  const made = await (isFactory(value) ? value() : value);
  const ignored = othersOf(exported, [name]);
  if (isApp(made)) return { app: made, found: `an app in ${name}`, ignored };
  if (isOptions(made)) return { options: made, found: `options from ${name}`, ignored };
  throw new CommandError(EXIT.usage, `${name} of ${path} is ${kindOf(made)} and no app: ${WANTED}.`);
}

function classesOf(value: unknown): TaskClass[] {
  return (Array.isArray(value) ? value : [value]).filter(isTaskClass);
}

function othersOf(exported: Readonly<Record<string, unknown>>, used: readonly string[]): string[] {
  const others = Object.entries(exported).filter(([name]) => !used.includes(name));
  const named = others.slice(0, MOST_NAMED).map(([name, value]) => `${name}: ${kindOf(value)}`);
  const more = others.length - named.length;
  return more > 0 ? [...named, `${more} more`] : named;
}

/** By shape: it may be a subclass, or wrapped. */
function isApp(value: unknown): value is App {
  if (typeof value !== 'object' || value === null) return false;
  const { run, close, client } = value as Partial<App>;
  return typeof run === 'function' && typeof close === 'function' && typeof client === 'object';
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isFactory(value: unknown): value is () => unknown {
  return typeof value === 'function' && !isClass(value);
}

function isClass(value: unknown): boolean {
  return (
    typeof value === 'function' && (isTaskClass(value) || /^class\b/.test(Function.prototype.toString.call(value)))
  );
}

/** Without tasks there would be nothing to run. */
function isOptions(value: unknown): value is AppOptions {
  return isPlainObject(value) && Array.isArray(value.tasks);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isTaskClass(value)) return 'a task class';
  if (isClass(value)) return 'a class';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
