import type { ControlReply } from '../../task/control';

/** Where a task is put, as its hash tells; empty: the default queue, the usual priority. */
export type PlaceOf = [queue: string, priority: string];

/** What a script that controls a task answers: what became of the request, or what comes first, in another slot. */
export type ControlStep =
  | [ControlReply, ...PlaceOf]
  /** The same, of a task that has claimed a key: the text of its claim. */
  | ['done', ...PlaceOf, claim: string]
  /** A push into the queue is owed under the token: make it, then call again. */
  | ['owed', ...PlaceOf, token: string]
  /** The id is not known to be in the active set: put it there, then call again with `listed` 1. */
  | ['unlisted', ...PlaceOf]
  /**
   * Waits for its time, or by its priority: take it out of where it waits, then call again with `withdrawn` 1, or 0 where it was not
   * there.
   */
  | ['waits beside', ...PlaceOf]
  /** Waits for its first run, since the time told: the push that followed its hash may have been lost. */
  | ['enqueued', ...PlaceOf, created: string];
