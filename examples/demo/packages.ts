import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

const NOT_SEARCHED: ReadonlySet<string> = new Set(['.bin', '.cache', '.git']);

export interface FoundPackages {
  /** Folders with a package.json, sorted, each once whatever links lead to it. */
  readonly folders: readonly string[];
  /** Folders that could not be looked into. */
  readonly unreadable: readonly string[];
}

/**
 * Finds the packages in a folder tree. What lies within a package belongs to it, except its node_modules. Links to
 * packages are followed, as workspaces and pnpm have them; other links are not, for they may lead anywhere.
 */
export async function findPackages(root: string, signal: AbortSignal): Promise<FoundPackages> {
  const search = new Search(signal);
  await search.look(await realpath(root));
  return { folders: [...search.packages].sort(), unreadable: search.unreadable.sort() };
}

class Search {
  readonly packages = new Set<string>();
  readonly unreadable: string[] = [];
  private readonly visited = new Set<string>();

  constructor(private readonly signal: AbortSignal) {}

  /** @param folder Free of links: links in a circle come back to the same path. */
  async look(folder: string, isLinked = false): Promise<void> {
    this.signal.throwIfAborted();
    if (this.visited.has(folder)) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    if (!entries) {
      if (!isLinked) this.unreadable.push(folder);
      return;
    }
    const isPackage = entries.some((entry) => entry.name === 'package.json');
    if (isLinked && !isPackage) return;
    this.visited.add(folder);
    if (isPackage) this.packages.add(folder);
    await Promise.all(
      entries.map(async (entry) => {
        if (NOT_SEARCHED.has(entry.name) || (isPackage && entry.name !== 'node_modules')) return;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) await this.look(path);
        else if (entry.isSymbolicLink()) await this.follow(path);
      }),
    );
  }

  private async follow(link: string): Promise<void> {
    const target = await realpath(link).catch(() => undefined);
    if (target !== undefined) await this.look(target, true);
  }
}
