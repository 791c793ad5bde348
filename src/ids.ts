import { randomBytes } from 'node:crypto';
import type { InjectionToken } from 'tsyringe';

/** The only source of fresh names for tasks and workers. */
export interface IdSource {
  /** A name never given before, safe in keys and channels. */
  next(): string;
}

export const ID_SOURCE: InjectionToken<IdSource> = Symbol('taskwarden.IdSource');

/** As many as a UUID has, some of which are not random there. */
const BYTES = 16;
/** A call for random bytes takes longer than to make a name of them. */
const NAMES_A_CALL = 256;

/**
 * 16 random bytes in 22 characters: a UUID's 36 would stand in Redis several times for each task.
 * The last character carries two bits and is no lower-case `l`, so that no name ends in `-control`.
 */
export class RandomIds implements IdSource {
  private bytes = Buffer.alloc(0);
  private used = 0;

  next(): string {
    if (this.used === this.bytes.length) {
      this.bytes = randomBytes(BYTES * NAMES_A_CALL);
      this.used = 0;
    }
    this.used += BYTES;
    return this.bytes.toString('base64url', this.used - BYTES, this.used);
  }
}
