import type { ControlReply } from '../../task/control';

/** What a script that controls a task answers: what became of the request, or what comes first, in another slot. */
export type ControlStep =
  | [ControlReply]
  /** A push into the queue is owed under the token: make it, then call again. */
  | ['owed', token: string]
  /** The id is not known to be in the active set: put it there, then call again with `listed` 1. */
  | ['unlisted']
  /** Waits for its time: take it out of where it waits, then call again with `due`, and `withdrawn` 1 if it has no place any more. */
  | ['delayed', due: string]
  /** Waits for its first run, or for its time: the place that it is to have may have been lost. What is told is its own. */
  | ['enqueued', since: string];
