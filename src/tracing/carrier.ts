/** What a propagator writes and reads: header names and their values. */
export type Carrier = Record<string, string>;

const TRACEPARENT = 'traceparent';

/** As it stands in the hash of a task: the plain value where there is only the W3C `traceparent`, else JSON; undefined: nothing. */
export function encodeCarrier(carrier: Carrier): string | undefined {
  const names = Object.keys(carrier);
  if (names.length === 0) return undefined;
  return names.length === 1 && names[0] === TRACEPARENT ? carrier[TRACEPARENT] : JSON.stringify(carrier);
}

/** @param text Whatever somebody has written: empty where it can be no context. */
export function decodeCarrier(text: string): Carrier {
  if (!text.startsWith('{')) return { [TRACEPARENT]: text.trim() };
  try {
    const read: Record<string, unknown> = JSON.parse(text);
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
