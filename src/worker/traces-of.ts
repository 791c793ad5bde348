import type { Lease } from '../store/worker-store';
import type { RunSpan } from '../tracing/tracing';

/** The context of a run that is given back, for the store; undefined where it is not traced. */
export function tracesOf(run: {
  readonly lease: Lease;
  readonly span: RunSpan | undefined;
}): ReadonlyMap<string, string> | undefined {
  const trace = run.span?.trace;
  return trace === undefined ? undefined : new Map([[run.lease.id, trace]]);
}
