/** What some work comes to; undefined as soon as the signal aborts, however long the work goes on. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    // Nothing of it stays with the signal: there may be a million of them.
    const settled = () => signal.removeEventListener('abort', leave);
    work.then(resolve, reject).finally(settled);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

/** The items until the signal aborts, also where none comes for long: a search may find nothing in all tasks. */
export async function* untilAborted<T>(items: AsyncIterator<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  try {
    for (;;) {
      const item = await orAborted(items.next(), signal);
      if (item === undefined || item.done) return;
      yield item.value;
    }
  } finally {
    // Who is aborted does not wait for the step under way: the close of the app ends it.
    if (!signal.aborted) await items.return?.();
  }
}
