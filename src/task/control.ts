/** What anybody may publish on a task's control channel, as plain text. */
export const CONTROL_MESSAGES = ['stop', 'reload'] as const;
export type ControlMessage = (typeof CONTROL_MESSAGES)[number];

/** What a run is asked to do: a message, or the intent stored in the field `control`. */
export type ControlIntent = ControlMessage | 'remove';

/** What became of a request to control a task. */
export type ControlReply =
  /** The intent is stored; the worker that runs the task acts on it, at the latest at its next heartbeat. */
  | 'requested'
  /** Nothing ran; it is done. */
  | 'done'
  /** The task is in no state in which this means anything. */
  | 'unchanged'
  /** No task of this id exists. */
  | 'missing';

export function isControlMessage(text: string): text is ControlMessage {
  return (CONTROL_MESSAGES as readonly string[]).includes(text);
}

export function isControlIntent(text: string): text is ControlIntent {
  return text === 'remove' || isControlMessage(text);
}
