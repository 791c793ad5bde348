/** A line of standard error: for people, beside the answer. */
export function note(text: string): void {
  process.stderr.write(`taskwarden: ${text}\n`);
}
