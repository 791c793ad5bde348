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

/** How many times better ours is: by the medians that stand in the table. */
export function timesBetter(ours, theirs, better) {
  const [own, their] = [median(ours), median(theirs)];
  return better === 'higher' ? own / their : their / own;
}
