/** Short, so that recovery is seen within seconds; the same in every worker. In milliseconds. */
export const TIMES = {
  taskTimeout: 2_000,
  heartbeatInterval: 400,
  monitorInterval: 500,
  cleanupInterval: 200,
  stopTimeout: 1_000,
  grace: 1_000,
  unknownTaskTimeout: 60_000,
} as const;

/** The bound of docs/guarantees.md, and what two busy cores may add. */
export const LONGEST_RECOVERY_MS = TIMES.taskTimeout + TIMES.monitorInterval + 5_000;

/** Crashes of their worker that the poisonous tasks may cause: the default of `monitor.maxCrashes`. */
export const MAX_CRASHES = 5;

/** Names of their own: the monitor that counts their crashes must not count those of the others, which are many here. */
export const POISON_NAMES = {
  taskPrefix: 'poison-task-',
  taskSet: 'poison-tasks',
  newQueue: 'poison-new',
  endQueue: 'poison-end',
} as const;
