import { join, resolve } from 'node:path';
import { GuardedProcess } from './guarded-process';

const ROOT = resolve(__dirname, '../..');
const TYPESCRIPT_HOOK = join(__dirname, 'register-typescript.cjs');

export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Node's own flags, before the script. */
  readonly nodeArgs?: readonly string[];
}

/**
 * Runs a script of this repository in a Node process of its own.
 * @param path From the repository's root. `build/examples/x.js` is run as built; a `.ts` file is compiled while it
 * loads, and its `import … from 'taskwarden'` is the built package. Don't mix that with `../src/…` in one script.
 */
export function runScript(path: string, options: ScriptOptions = {}): Promise<GuardedProcess> {
  const hook = path.endsWith('.ts') ? ['--require', TYPESCRIPT_HOOK] : [];
  return GuardedProcess.start(
    process.execPath,
    [...hook, ...(options.nodeArgs ?? []), resolve(ROOT, path), ...(options.args ?? [])],
    { cwd: ROOT, env: { ...process.env, ...options.env } },
  );
}
