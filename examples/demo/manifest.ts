import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A package.json as it is found: any field may hold anything. */
export type Manifest = Readonly<Record<string, unknown>>;

/** @throws {Error} It cannot be read, or is no JSON object; the message says which. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json');
  // A pipe of that name would be waited for.
  if (!(await stat(path)).isFile()) throw new Error('it is not a file');
  const text = await readFile(path, 'utf8');
  // Node and npm pass over a byte order mark too.
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Manifest;
  throw new Error('it holds no JSON object');
}

/** `MIT`, or several joined by `OR`; null where none is named. Old packages write objects and lists. */
export function licenceOf({ license, licenses }: Manifest): string | null {
  const names = [license ?? licenses].flat().map(licenceName).filter(Boolean);
  return names.length > 0 ? names.join(' OR ') : null;
}

function licenceName(licence: unknown): string {
  if (typeof licence === 'string') return licence.trim();
  if (typeof licence !== 'object' || licence === null) return '';
  const { type, name } = licence as { type?: unknown; name?: unknown };
  return licenceName(typeof type === 'string' ? type : typeof name === 'string' ? name : '');
}

/** Whether the file is there that `main` names, or index.js in its place; null where `exports` leaves no need of it. */
export async function mainExists(folder: string, { main, exports }: Manifest): Promise<boolean | null> {
  const named = textOr(main, undefined);
  if (named === undefined && exports !== undefined) return null;
  if (named !== undefined) return isLoadable(join(folder, named));
  // Neither: index.js serves if it is there, and a package of types or programs needs none.
  return (await isFile(join(folder, 'index.js'))) ? true : null;
}

export function textOr<T>(value: unknown, fallback: T): string | T {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** As `require` looks for it. */
async function isLoadable(path: string): Promise<boolean> {
  const candidates = ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'];
  for (const ending of candidates) if (await isFile(path + ending)) return true;
  return false;
}

async function isFile(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  return entry?.isFile() ?? false;
}
