import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { packageRoot, version } from './package-version';

const TEMPLATE = join(packageRoot, 'templates', 'starter');
/** What npm would not put into the package under its own name, or would take for its own. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore', 'package.template.json': 'package.json' };
/** A repository that was just made, or cloned empty, is as good as empty. */
const OVERLOOKED = new Set(['.git']);

/** @throws {CommandError} The folder has something in it, or is none. */
export function assertEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) {
    throw new CommandError(EXIT.usage, `${folder} is no folder: give the name of a new or an empty one.`);
  }
  const [first] = readdirSync(folder).filter((name) => !OVERLOOKED.has(name));
  if (first === undefined) return;
  throw new CommandError(
    EXIT.usage,
    `${folder} is not empty (it has ${first}, for one): give the name of a new or an empty folder. Nothing was written.`,
  );
}

/** The name of the package that a folder makes: npm takes no capitals, spaces or leading dots. */
export function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return name || 'tasks';
}

/** @returns The files that were written, from the folder. @throws {CommandError} One cannot be. */
export function copyTemplate(folder: string): string[] {
  try {
    return copyFiles(folder);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${folder} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

function copyFiles(folder: string): string[] {
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const written = files.map((entry) => {
    const from = join(entry.parentPath, entry.name);
    const path = join(relative(TEMPLATE, entry.parentPath), RENAMED[entry.name] ?? entry.name);
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    // Never over what somebody has put there meanwhile.
    writeFileSync(to, fill(readFileSync(from, 'utf8'), folder), { flag: 'wx' });
    return path;
  });
  return written.sort();
}

function fill(text: string, folder: string): string {
  return text.replaceAll('starter-name', nameOf(folder)).replaceAll('0.0.0-starter', version);
}
