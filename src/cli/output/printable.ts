/** Names and texts come from strangers: a control character must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{FFFD}');
}
