import { BEFORE, CEILING, OURS } from '../adapters/index.mjs';
import { AGAINST, againstBefore, valueWithSpread } from './against.mjs';
import { timesBetter } from './statistics.mjs';

const HOW =
  'Producer, worker and Redis are processes of their own and share the processors of the machine. Systems take turns, round by round. Tasks are no-ops with a ' +
  'short text as input, unless said.\n';

/** The whole of RESULTS.md. @param systems `{ name, adapter }` of each that ran, `left` why others did not. */
export function report({ results, systems: all, left, facts, notes = '', quick = false }) {
  const systems = all.filter(({ name }) => name !== BEFORE);
  return `${[
    '# What was measured',
    facts.map((fact) => `- ${fact}`).join('\n'),
    'Every cell is the median of the rounds, with half the distance between the best and the worst of them; one without ± has a single ' +
      'sample. In the other columns, the number in brackets is how many times better taskwarden is there, by those medians: more than 1 is better, ' +
      'whichever way the measure goes.',
    table(
      resultHeader(systems, quick),
      results.flatMap((result) => resultRows(result, systems, quick)),
    ),
    ...before(results, all),
    '## How',
    [HOW, ...results.map(({ title, how }) => `- _${title}_: ${how}`)].join('\n'),
    '## What was compared',
    'Equal guarantees cost something: a system that keeps no result, publishes no event or loses what a crashed worker held has less to do.',
    table(
      ['system', 'version', 'keeps the result', 'publishes events', 'survives a crash in mid-run', 'set up with'],
      all.map(({ adapter: { title, version, guarantees, settings } }) => [
        title,
        version,
        guarantees.result,
        guarantees.event,
        guarantees.crash,
        settings,
      ]),
    ),
    ...left.map((line) => `Not measured: ${line}.`),
    ...problems(results, all),
    ...(notes === '' ? [] : [notes.trim()]),
  ].join('\n\n')}\n`;
}

/** Ours as it was before has a table of its own. */
function before(results, systems) {
  const title = systems.find(({ name }) => name === BEFORE)?.adapter.title;
  if (title === undefined) return [];
  const [header, ...rows] = againstBefore(results, title);
  return [`## Against ${title}`, AGAINST, table(header, rows)];
}

function resultHeader(systems, quick) {
  return ['case', ...systems.map(({ adapter }) => adapter.title), ...(quick ? [] : ['goal'])];
}

function resultRows({ title, measures, samples, errors }, systems, quick) {
  const wasMeasured = ({ key }) => systems.some(({ name }) => samples[name]?.[key]);
  return measures.filter(wasMeasured).map((measure) => {
    const own = Object.fromEntries(
      systems.flatMap(({ name }) => (samples[name]?.[measure.key] ? [[name, samples[name][measure.key]]] : [])),
    );
    const cells = systems.map(({ name }) => (errors[name] ? 'failed' : resultCell(name, own, measure)));
    return [
      `${title}${measure.title ? `: ${measure.title}` : ''}`,
      ...cells,
      ...(quick ? [] : [goalCell(own, measure)]),
    ];
  });
}

function resultCell(system, samples, { unit, better }) {
  const numbers = samples[system];
  if (!numbers) return '-';
  const value = valueWithSpread(numbers, unit);
  if (system === OURS) return `**${value}**`;
  return samples[OURS]
    ? `${value} (${timesBetter(samples[OURS], numbers, better).toFixed(system === CEILING ? 2 : 1)})`
    : value;
}

function goalCell(samples, { goals = [], better }) {
  return goals
    .map(({ text, reached }) => {
      const answer = reached(samples, better);
      return `${text}: ${answer === undefined ? 'not measured' : answer ? 'yes' : '**no**'}`;
    })
    .join('; ');
}

function problems(results, systems) {
  const lines = results.flatMap(({ name, errors }) =>
    systems
      .filter((system) => errors[system.name])
      .map((system) => `- ${name}, ${system.adapter.title}: ${errors[system.name]}`),
  );
  return lines.length === 0 ? [] : ['## What failed', lines.join('\n')];
}

function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
