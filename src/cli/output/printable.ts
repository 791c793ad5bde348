/** Also those that turn the direction of what follows, and so of the rest of the row. */
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u{2028}\u{2029}]/gu;

/** Names and texts come from strangers: a control character must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, '\u{FFFD}');
}
