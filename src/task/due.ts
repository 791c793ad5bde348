/** When a waiting task may be taken: counted from now by the store's clock, or at a time in epoch milliseconds. */
export type Due = { readonly inMs: number } | { readonly atMs: number };

/** The last time that a `Date` can tell, in the year 275760: a later one would be a time to nobody. */
export const LATEST_MS = 8_640_000_000_000_000;
/** What is longer is as good as never; now and this are a time still. */
export const LONGEST_DELAY_MS = LATEST_MS / 2;
