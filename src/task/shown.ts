/**
 * A value that was refused, for the error that names it. JSON would make null of NaN, and throws for a BigInt or a circle.
 * @param most So many characters of it.
 */
export function shown(value: unknown, most = Number.POSITIVE_INFINITY): string {
  return textOf(value).slice(0, most);
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
