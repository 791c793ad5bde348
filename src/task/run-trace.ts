/** What the hash of a task tells of the trace that a run of it belongs to, as the tracing layer has written it. */
export interface RunTrace {
  /** The field `trace`: the context of the start. */
  readonly start: string | undefined;
  /** The field `attempt_trace`: the context of the run before this one, where the task has not begun anew since. */
  readonly former: string | undefined;
}

/** undefined, as for most tasks, where there is neither. */
export function runTrace(start: string | undefined, former: string | undefined): RunTrace | undefined {
  return start === undefined && former === undefined ? undefined : { start, former };
}
