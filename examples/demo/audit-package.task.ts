import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IsString } from 'class-validator';
import { Input, Task, TaskContext, TaskError } from 'taskwarden';
import { licenceOf, type Manifest, mainExists, readManifest, textOr } from './manifest';

export class AuditPackageInput {
  /** Absolute: workers may have been started anywhere. */
  @IsString() folder!: string;
}

export interface PackageReport {
  readonly name: string;
  readonly version: string;
  readonly licence: string | null;
  /** Of its files; those of packages in its node_modules are theirs. */
  readonly bytes: number;
  readonly files: number;
  /** What its manifest names; null where it names none. */
  readonly main: string | null;
  /** Null where the package needs no main. */
  readonly mainExists: boolean | null;
}

/** Reads the manifest and looks at the files of one package. */
@Task('audit-package')
export class AuditPackage {
  async start(@Input() { folder }: AuditPackageInput, task: TaskContext): Promise<PackageReport> {
    const manifest = await this.manifest(folder);
    const { bytes, files } = await measure(folder, task.signal);
    return {
      name: textOr(manifest.name, basename(folder)),
      version: textOr(manifest.version, '?'),
      licence: licenceOf(manifest),
      bytes,
      files,
      main: textOr(manifest.main, null),
      mainExists: await mainExists(folder, manifest),
    };
  }

  /** @throws {TaskError} An expected failure: the task ends as ERROR, and the message is what the audit tells. */
  private async manifest(folder: string): Promise<Manifest> {
    try {
      return await readManifest(folder);
    } catch (error) {
      throw new TaskError(`package.json cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Links are not followed: they count neither as files nor as folders. */
async function measure(folder: string, signal: AbortSignal, isTop = true): Promise<{ bytes: number; files: number }> {
  signal.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isFile()) return { bytes: (await lstat(path)).size, files: 1 };
      if (!entry.isDirectory() || (isTop && entry.name === 'node_modules')) return { bytes: 0, files: 0 };
      return measure(path, signal, false);
    }),
  );
  return {
    bytes: sizes.reduce((sum, size) => sum + size.bytes, 0),
    files: sizes.reduce((sum, size) => sum + size.files, 0),
  };
}
