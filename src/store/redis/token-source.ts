/** Makes lease tokens; a worker's name is never used again, so neither is a token. */
export class TokenSource {
  private calls = 0;

  /** A token; all that one call begins may share it, as each task is held by its own. */
  next(worker: string): string {
    this.calls += 1;
    return `${worker}:${this.calls}`;
  }
}
