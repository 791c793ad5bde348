import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const TSCONFIG = JSON.stringify({
  compilerOptions: { target: 'es2022', module: 'nodenext', experimentalDecorators: true },
});

/** A folder of somebody's, in which taskwarden and our other packages are installed: links to ours, so one and the same copy. */
export class Project {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskwarden-project-')));

  private constructor(files: Readonly<Record<string, string>>) {
    this.write('tsconfig.json', TSCONFIG);
    this.write('package.json', '{"private": true}');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** Without any package; whoever makes it removes it. */
  static bare(files: Readonly<Record<string, string>>): Project {
    return new Project(files);
  }

  /** One for the tests of this file, or of the `describe` around. */
  static use(files: Readonly<Record<string, string>> = {}): () => Project {
    let project: Project | undefined;
    beforeAll(() => {
      project = new Project(files);
      project.linkPackages();
      project.link(ROOT, 'node_modules/taskwarden');
    });
    afterAll(() => project?.remove());
    return () => project as Project;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** All that is installed here, but not taskwarden itself. */
  linkPackages(): void {
    const modules = join(ROOT, 'node_modules');
    for (const name of readdirSync(modules)) this.link(join(modules, name), join('node_modules', name));
  }

  link(target: string, name: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    symlinkSync(target, this.path(name));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
