import { BEFORE_COMMIT, BEFORE_FOLDER } from './index.mjs';
import { taskwardenAt } from './taskwarden.mjs';

const { [BEFORE_FOLDER]: folder, [BEFORE_COMMIT]: commit } = process.env;

export const adapter = await taskwardenAt(folder, `taskwarden at ${commit}`);
