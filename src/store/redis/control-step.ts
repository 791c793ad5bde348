import type { ControlReply } from '../../task/control';

/** What a script that controls a task answers: what became of the request, or what comes first, in another slot. */
export type ControlStep =
  | [ControlReply]
  /** The same, of a task that has claimed a key: the text of its claim. */
  | ['done', claim: string]
  /** A push into the queue is owed under the token: make it, then call again. */
  | ['owed', token: string]
  /** The id is not known to be in the active set: put it there, then call again with `listed` 1. */
  | ['unlisted']
  /** Waits for its time: take it out of where it waits, then call again with `withdrawn` 1, or 0 where it was not there. */
  | ['delayed']
  /** Waits for its first run, since the time told: the push that followed its hash may have been lost. */
  | ['enqueued', created: string];
