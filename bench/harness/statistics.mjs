export function median(numbers) {
  return percentile(numbers, 50);
}

/** By nearest rank, between two for the median of an even count. */
export function percentile(numbers, percent) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (percent / 100) * (sorted.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

/** Half the distance between the least and the greatest, in percent of the median. */
export function spreadPercent(numbers) {
  if (numbers.length < 2) return undefined;
  const middle = median(numbers);
  return middle === 0 ? 0 : ((Math.max(...numbers) - Math.min(...numbers)) / 2 / middle) * 100;
}

/**
 * How many times better ours is. Round by round where the rounds were measured side by side, so that what slowed the
 * machine for a while slowed both.
 */
export function timesBetter(ours, theirs, better) {
  const ratio = (a, b) => (better === 'higher' ? a / b : b / a);
  if (ours.length !== theirs.length) return ratio(median(ours), median(theirs));
  return median(ours.map((own, round) => ratio(own, theirs[round])));
}
