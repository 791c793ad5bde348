import type { InjectionToken } from 'tsyringe';

/** The only source of chance: a number from 0, included, to 1, not included. */
export type Random = () => number;

export const RANDOM: InjectionToken<Random> = Symbol('taskwarden.Random');
