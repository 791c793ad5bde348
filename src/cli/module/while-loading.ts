import { TaskwardenError } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { note } from '../output/note';

/**
 * Has a module loaded, and what it exports made. That is its own code: where it ends the process, or waits for what nothing will bring,
 * which Node takes for a good end, the module cannot be used.
 * @throws {CommandError} It threw.
 */
export async function whileLoading<T>(path: string, work: () => Promise<T>): Promise<T> {
  const tellUnusable = () => {
    note(`${path} cannot be used: the process ended while it was loaded, or it waits for something that never comes.`);
    process.exitCode = EXIT.usage;
  };
  process.once('exit', tellUnusable);
  try {
    return await work();
  } catch (error) {
    if (error instanceof TaskwardenError) throw error;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new CommandError(EXIT.usage, `${path} cannot be used, as what it exports threw: ${why}`);
  } finally {
    process.off('exit', tellUnusable);
  }
}
