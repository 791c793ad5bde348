import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { codeOf, type ImportOf, importsOf, lineAt } from './source-text';

/** A file by its path from the repository's root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** From the bottom up: a layer imports itself and those before it. Those before `task` are files. */
export const LAYERS = [
  'errors',
  'bulk-errors',
  'clock',
  'backoff',
  'deferred',
  'under-way',
  'ids',
  'random',
  'logger',
  'health',
  'task',
  'schedule',
  'tracing',
  'metadata',
  'decorators',
  'input',
  'store',
  'events',
  'observing',
  'client',
  'worker',
  'supervision',
  'monitoring',
  'app',
  'dashboard',
  'cli',
  'testing',
] as const;

/** Layers that use the package as anybody does: they import the index, and of `src` nothing else but themselves. */
const FACES: readonly string[] = ['dashboard', 'cli'];
const MAX_LINES = 300;
const INDEX = 'index';

interface TextRule {
  readonly pattern: RegExp;
  readonly appliesTo: (path: string) => boolean;
  readonly message: string;
}

const inSource = (path: string) => path.startsWith('src/');
const outsideClock = (path: string) => inSource(path) && path !== 'src/clock.ts';
const outsideMetadata = (path: string) => inSource(path) && layerOf(path) !== 'metadata';
const useClock = 'time and timers come from the injected Clock (src/clock.ts)';

const TEXT_RULES: readonly TextRule[] = [
  {
    pattern: /\bexport\s+default\b|\bas\s+default\b|\bexport\s*=|\bmodule\.exports\b/g,
    appliesTo: inSource,
    message: 'exports have names: no default export',
  },
  { pattern: /\bDate\.now\b|\bnew\s+Date\b(?!\s*\(\s*[^\s)])/g, appliesTo: outsideClock, message: useClock },
  { pattern: /\bperformance\.now\b|\bprocess\.hrtime\b/g, appliesTo: outsideClock, message: useClock },
  {
    pattern:
      /(?:(?<![.\w$])|\b(?:globalThis|global|window)\.)set(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b/g,
    appliesTo: outsideClock,
    message: useClock,
  },
  { pattern: /\bReflect\b/g, appliesTo: outsideMetadata, message: 'only src/metadata calls Reflect' },
];

/** Every breach of the rules in `docs/architecture.md`, as `path:line: what is wrong`. */
export function checkArchitecture(files: readonly SourceFile[]): string[] {
  return [...files.flatMap(checkFile), ...checkReflectMetadataOnce(files)];
}

/** The TypeScript files of `src` and `test` as they are. */
export function readSourceFiles(root: string): SourceFile[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') })),
  );
}

function checkFile({ path, text }: SourceFile): string[] {
  const code = codeOf(text);
  const imports = importsOf(text);
  const lineCount = text.replace(/\n$/, '').split('\n').length;
  const breaches = checkOrder(path, imports);
  if (lineCount > MAX_LINES) {
    breaches.push(
      `${path}:${MAX_LINES + 1}: ${lineCount} lines, at most ${MAX_LINES}: take an idea out into a file of its own`,
    );
  }
  for (const { pattern, appliesTo, message } of TEXT_RULES) {
    if (!appliesTo(path)) continue;
    for (const match of code.matchAll(pattern)) {
      breaches.push(`${path}:${lineAt(text, match.index)}: ${match[0].trim()}: ${message}`);
    }
  }
  if (inSource(path)) breaches.push(...imports.flatMap((each) => checkImport(path, each)));
  return breaches;
}

function checkImport(path: string, { specifier, line }: ImportOf): string[] {
  const report = (what: string) => [`${path}:${line}: imports "${specifier}": ${what}`];
  if (/^(?:node:)?timers(?:\/|$)/.test(specifier) && outsideClock(path)) return report(useClock);
  if (specifier === 'reflect-metadata' && outsideMetadata(path)) return report('only src/metadata does');
  const isPackage = /^taskwarden(\/|$)/.test(specifier);
  const isOurs = specifier.startsWith('.') || isPackage;
  if (!isOurs || layerOf(path) === INDEX) return [];
  const target = isPackage ? 'src/index' : posix.join(posix.dirname(path), specifier);
  if (target !== 'src' && !inSource(target)) return report('src imports nothing outside src');
  const [from, to] = [layerOf(path), layerOf(target)];
  if (FACES.includes(from)) {
    return to === INDEX || to === from ? [] : report(`"${from}" uses the package by its index alone`);
  }
  if (to === INDEX) return report('nothing in src imports the index, but for faces');
  if (rank(from) < 0) return [`${path}:1: "${from}" is no layer: see LAYERS`];
  if (rank(to) < 0) return report(`"${to}" is no layer: see LAYERS`);
  return rank(to) > rank(from) ? report(`"${to}" is above "${from}", imports go down only`) : [];
}

/** `src/task/keys.ts` is of `task`, `src/clock` of `clock`, `src` itself of `index`. */
function layerOf(path: string): string {
  const [, first = INDEX] = path.split('/');
  return first.replace(/\.[cm]?[jt]s$/, '');
}

function rank(layer: string): number {
  return (LAYERS as readonly string[]).indexOf(layer);
}

function checkOrder(path: string, imports: readonly ImportOf[]): string[] {
  let highest = 0;
  for (const { form, specifier, line } of imports) {
    // What is loaded for its effects must come before what needs them: the order begins anew after it.
    if (form === 'effects') highest = 0;
    if (form !== 'names') continue;
    const group = specifier.startsWith('node:') ? 0 : specifier.startsWith('.') ? 2 : 1;
    if (group < highest) {
      return [`${path}:${line}: imports "${specifier}" too late: "node:" first, then packages, then ours`];
    }
    highest = group;
  }
  return [];
}

function checkReflectMetadataOnce(files: readonly SourceFile[]): string[] {
  const places = files
    .filter(({ path }) => inSource(path))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter(({ specifier }) => specifier === 'reflect-metadata')
        .map(({ line }) => `${path}:${line}`),
    );
  return places.slice(1).map((place) => `${place}: imports "reflect-metadata" once more, ${places[0]} does already`);
}
