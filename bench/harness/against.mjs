import { BEFORE, OURS } from '../adapters/index.mjs';
import { formatValue } from './format.mjs';
import { median, spreadPercent } from './statistics.mjs';

/** What the table that `againstBefore` makes needs said. */
export const AGAINST =
  'Both were measured in turns, round by round. The ratio is that of the medians, now / before. It is in bold where each of three or more samples ' +
  'of now is worse than every one of before: anything else may be chance.';

/** Now against before, measure by measure, for all cases in which both were measured: the rows of a table, its header first. */
export function againstBefore(results, beforeTitle) {
  const rows = results.flatMap(({ title, measures, samples }) =>
    measures.flatMap((measure) => {
      const [now, before] = [OURS, BEFORE].map((system) => samples[system]?.[measure.key]);
      const name = `${title}${measure.title ? `: ${measure.title}` : ''}`;
      return now && before ? [[name, ...cells(now, before, measure)]] : [];
    }),
  );
  return [['case', 'taskwarden', beforeTitle, 'now / before', 'better is'], ...rows];
}

function cells(now, before, { unit, better }) {
  const ratio = (median(now) / median(before)).toFixed(3);
  const isTold = Math.min(now.length, before.length) >= 3;
  const isWorse = better === 'higher' ? Math.max(...now) < Math.min(...before) : Math.min(...now) > Math.max(...before);
  return [
    valueWithSpread(now, unit),
    valueWithSpread(before, unit),
    isTold && isWorse ? `**${ratio}**` : ratio,
    better,
  ];
}

/** The median, with half the distance between the best and the worst. */
export function valueWithSpread(numbers, unit) {
  const spread = spreadPercent(numbers);
  return `${formatValue(median(numbers), unit)}${spread === undefined ? '' : ` ±${Math.ceil(spread)}%`}`;
}
