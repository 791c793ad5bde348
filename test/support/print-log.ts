import { createApp } from '../../src/app/create-app';
import { type AppOptions } from '../../src/app/options';
import { LOGGER } from '../../src/logger';

/** Writes a line of each level with the logger of an app, and dies at once; the argument is its option, as JSON. */
async function main(option: string | undefined): Promise<void> {
  const app = await createApp({ store: 'memory', ...(option && { logger: JSON.parse(option) }) } as AppOptions);
  const logger = app.get(LOGGER);
  logger.debug({}, 'a debug line');
  logger.info({ task: 'probe', attempt: 1 }, 'an info line');
  logger.warn({}, 'a warn line');
  logger.error({ err: new Error('broken') }, 'an error line');
  process.kill(process.pid, 'SIGKILL');
}

void main(process.argv[2]).catch((error: unknown) => {
  process.stdout.write(`${String(error)}\n`);
});
