import type { AppOptions } from 'taskwarden';
import { Greet } from './greet.task';
import { Greetings } from './greetings';

/** What the worker and `try.ts` make their apps of. */
export const options: AppOptions = {
  tasks: [Greet],
  providers: [Greetings],
};
