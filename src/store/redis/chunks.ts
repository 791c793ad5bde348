/** Scripts unpack their ids onto Lua's stack, which is of limited size; other calls stay short by the same bound. */
export const MOST_IDS_A_CALL = 1_000;

/** The items in parts of at most so many. */
export function chunks<T>(items: readonly T[], most = MOST_IDS_A_CALL): (readonly T[])[] {
  if (items.length <= most) return items.length === 0 ? [] : [items];
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += most) parts.push(items.slice(start, start + most));
  return parts;
}
