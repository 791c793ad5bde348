/** Three significant digits at least, thousands with commas. */
export function formatNumber(number) {
  if (!Number.isFinite(number)) return '?';
  if (Math.abs(number) >= 100_000) return (Math.round(number / 1_000) * 1_000).toLocaleString('en-US');
  if (Math.abs(number) >= 1_000) return (Math.round(number / 10) * 10).toLocaleString('en-US');
  if (Math.abs(number) >= 100) return number.toFixed(0);
  return number.toFixed(Math.abs(number) >= 10 ? 1 : 2);
}

export function formatValue(number, unit) {
  const text = formatNumber(number);
  return unit === '' ? text : `${text}${unit.startsWith('/') ? '' : ' '}${unit}`;
}
