import type { ControlReply } from '../../task/control';

/** Where a task is put, as its hash tells; empty: the default queue, the usual priority. */
export type PlaceOf = [queue: string, priority: string];

/** What a script that controls a task answers: what became of the request, or what comes first, in another slot. */
export type ControlStep =
  | [ControlReply, ...PlaceOf]
  /** The same, of a task that is removed: the text of its claim, empty where it has no unique key, and whether it has a log. */
  | ['done', ...PlaceOf, claim: string, logged: 0 | 1]
  /** A push into the queue is owed under the token: make it, then call again. */
  | ['owed', ...PlaceOf, token: string]
  /** The id is not known to be in the active set: put it there, then call again with `listed` 1. */
  | ['unlisted', ...PlaceOf]
  /**
   * Waits for its time, or by its priority: take it out of where it waits, then call again with what is told of that as `beside`, and
   * `withdrawn` 1 if it has no place any more.
   */
  | ['waits beside', ...PlaceOf, beside: string]
  /** Waits for its first run, or for its time: the place that it is to have may have been lost. What is told is its own. */
  | ['enqueued', ...PlaceOf, since: string];
