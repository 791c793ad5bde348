import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** So that what `process.memoryUsage` tells is what is reachable. */
export const collectGarbage = runInNewContext('gc') as () => void;
