/** Makes lease tokens; a worker's name is never used again, so neither is a token. */
export class TokenSource {
  private calls = 0;

  /** A token, or the base of the tokens of one call: the position in it is added. */
  next(worker: string): string {
    this.calls += 1;
    return `${worker}:${this.calls}`;
  }
}
