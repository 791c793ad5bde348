import { EXIT } from '../exit-code';

let isAllThereIs = false;

/** From now on what is printed is all that this command is for: it ends when whoever reads it has gone. */
export function endWithReader(): void {
  isAllThereIs = true;
}

/**
 * `taskwarden ls | head -1`: whoever read has gone, and that is no fault. A command that only reads is done then. Any other goes on,
 * with nobody to hear it: half of the tasks stopped, or a worker gone without its grace, is not what closing a pipe asks for.
 */
export function outliveReader({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    assertGone(error);
    if (isAllThereIs) process.exit(EXIT.done);
  });
  stderr.on('error', assertGone);
}

function assertGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
}
