/** What the command's exit code says; docs/guides/command-line.md has the same table. */
export const EXIT = {
  done: 0,
  /** A fault of the command itself, or one that no other code stands for. */
  fault: 1,
  /** An argument, an option, an input or a module cannot be used: nothing was done. Of several ids the others are done. */
  usage: 2,
  /** Redis does not answer, or refuses. */
  store: 3,
  /** There is no such task, queue or schedule. */
  missing: 4,
  /** The task that was waited for ended as ERROR or EXCEPTION. */
  failed: 5,
  /** The task that was waited for was stopped or removed. */
  stopped: 6,
  /** What was waited for did not come in time. */
  timeout: 7,
  /** `doctor` has found something that needs a hand. */
  findings: 8,
  /** SIGINT while it watched or waited, as shells have it. */
  interrupted: 130,
  /** The same of SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
