import { randomUUID } from 'node:crypto';
import type { InjectionToken } from 'tsyringe';

/** The only source of fresh names for tasks and workers. */
export interface IdSource {
  /** A name never given before, safe in keys and channels. */
  next(): string;
}

export const ID_SOURCE: InjectionToken<IdSource> = Symbol('taskwarden.IdSource');

export class UuidSource implements IdSource {
  next(): string {
    return randomUUID();
  }
}
