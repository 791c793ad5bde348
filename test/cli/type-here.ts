import { runCommandLine } from '../../src/cli/run';
import type { CliRun } from './run-cli';

/**
 * Types a command in this process, which takes no time: for what is refused, or fails, before anything is to be seen of a process.
 * One at a time.
 */
export async function typeHere(args: readonly string[], redisUrl: string): Promise<CliRun> {
  const [output, errors] = [hear(process.stdout), hear(process.stderr)];
  const { REDIS_URL } = process.env;
  process.env.REDIS_URL = redisUrl;
  try {
    await runCommandLine(args);
    return { code: Number(process.exitCode), output: output.lines(), errors: errors.lines() };
  } finally {
    process.exitCode = undefined;
    if (REDIS_URL === undefined) delete process.env.REDIS_URL;
    else process.env.REDIS_URL = REDIS_URL;
    output.restore();
    errors.restore();
  }
}

function hear(stream: NodeJS.WriteStream) {
  const texts: string[] = [];
  const spy = jest.spyOn(stream, 'write').mockImplementation((text) => {
    texts.push(String(text));
    return true;
  });
  return { restore: () => spy.mockRestore(), lines: () => texts.join('').split('\n').filter(Boolean) };
}
