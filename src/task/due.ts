/** When a waiting task may be taken: counted from now by the store's clock, or at a time in epoch milliseconds. */
export type Due = { readonly inMs: number } | { readonly atMs: number };
