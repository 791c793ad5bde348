/** A run that went on for so many leases did not die of its task: the row of crashes begins anew. */
export const LONG_RUN_LEASES = 10;

/** The output of a task that ended because its worker died so many times in a row while it ran. */
export function crashOutput(maxCrashes: number): string {
  return (
    `The worker that ran this task died or was cut off ${maxCrashes} times in a row, and it is not run again. ` +
    'Look for what takes its process down, such as its memory or a blocked event loop, then restart the task.'
  );
}
