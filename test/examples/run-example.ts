import { runScript, type ScriptOptions } from '../support/child-process';

/** Runs a built example to its end. @throws when it is not done by itself in time. */
export async function runExample(name: string, redis?: string, options: ScriptOptions = {}) {
  const env = { REDIS_URL: redis, INIT_CWD: undefined, NODE_ENV: undefined, ...options.env };
  const example = await runScript(`build/examples/${name}.js`, { ...options, env });
  const { code, signal } = await example.exited;
  return { code, signal, output: example.stdoutLines, errors: example.stderrLines };
}
