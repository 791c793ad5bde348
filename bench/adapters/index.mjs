/**
 * What the harness asks of a system. Inputs are texts; each travels as `{ "text": … }`.
 *
 * @typedef {object} Producer
 * @property {(text: string) => Promise<unknown>} enqueue Resolves when the task is in Redis.
 * @property {(texts: string[]) => Promise<unknown>} enqueueBulk By the system's own call for many, where it has one.
 * @property {(text: string) => Promise<unknown>} enqueueAndWait Resolves when the result has come back.
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Worker
 * @property {() => Promise<unknown>} close Lets what runs end.
 *
 * @typedef {object} Adapter
 * @property {string} title
 * @property {string} version
 * @property {string} settings In words, what is not the system's default.
 * @property {{ result: string, event: string, crash: string }} guarantees As set up here.
 * @property {(options: { port: number, awaitsResults: boolean }) => Promise<Producer>} openProducer
 * @property {(options: { port: number, concurrency: number, handle: (text: string) => unknown }) => Promise<Worker>} openWorker
 * @property {(redis: import('ioredis').Redis) => Promise<number>} unwritten Asked once every task was handled: of how
 *   many the outcome is not in Redis yet.
 * @property {(redis: import('ioredis').Redis) => Promise<number>} [uncleaned] Ended tasks that wait for work still to be
 *   done; systems that do everything in the finishing call have none.
 */

const LOADERS = {
  taskwarden: () => import('./taskwarden.mjs'),
  bullmq: () => import('./bullmq.mjs'),
  'bee-queue': () => import('./bee-queue.mjs'),
  bull: () => import('./bull.mjs'),
  platformatic: () => import('./platformatic.mjs'),
  ceiling: () => import('./ceiling.mjs'),
};

/** In the order of the table's columns; the first is ours, the last is no peer but what can be had at most. */
export const SYSTEMS = Object.keys(LOADERS);
export const OURS = 'taskwarden';
export const CEILING = 'ceiling';
/** Ours as it was at the commit of `--before`; not there without. */
export const BEFORE = 'before';
/** Variables of the environment: where it was built, and of which commit. */
export const BEFORE_FOLDER = 'TASKWARDEN_BENCH_BEFORE_FOLDER';
export const BEFORE_COMMIT = 'TASKWARDEN_BENCH_BEFORE_COMMIT';

/** The oldest Node (major, minor) that a system's package takes, where that is newer than ours. */
const NODE_NEEDED = { platformatic: [22, 19] };

/** Why a system cannot run here; undefined: it can. */
export function obstacle(system) {
  const [major, minor] = NODE_NEEDED[system] ?? [0, 0];
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return undefined;
  return `needs Node ${major}.${minor} or later; this is ${process.versions.node}`;
}

/** @returns {Promise<Adapter>} */
export async function loadAdapter(system) {
  const { adapter } = system === BEFORE ? await import('./before.mjs') : await LOADERS[system]();
  return adapter;
}
