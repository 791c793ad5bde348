import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where a link leads, from its own folder. */
export class Link {
  constructor(readonly target: string) {}
}

/** Paths -> what stands there: text, a value to be written as JSON, or a link. */
export type Tree = Readonly<Record<string, unknown>>;

/** A folder below the system's temporary one; `remove` deletes it. */
export class TemporaryFolder {
  private constructor(readonly path: string) {}

  static async make(tree: Tree = {}): Promise<TemporaryFolder> {
    const folder = new TemporaryFolder(await realpath(await mkdtemp(join(tmpdir(), 'taskwarden-demo-'))));
    await Promise.all(Object.entries(tree).map(([path, content]) => write(join(folder.path, path), content)));
    return folder;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** So many good packages that an audit of them takes a while. */
export function manyPackages(count: number): Tree {
  const names = Array.from({ length: count }, (_, index) => `p${index}`);
  return Object.fromEntries(names.map((name) => [`${name}/package.json`, { name, version: '1.0.0', license: 'MIT' }]));
}

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (content instanceof Link) await symlink(content.target, path);
  else await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
}
