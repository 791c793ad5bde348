import { OURS } from '../adapters/index.mjs';
import { Cell } from './cell.mjs';
import { formatValue } from './format.mjs';
import { median } from './statistics.mjs';

/**
 * Runs each case on each system, round by round in turn.
 * @returns For each case its samples by system and measure, and what went wrong.
 */
export async function runCases(cases, systems, server, options) {
  const cells = new Map(systems.map((system) => [system, new Cell(system, server, options)]));
  try {
    const results = [];
    for (const one of cases) results.push(await runCase(one, cells, options));
    return results;
  } finally {
    await Promise.all([...cells.values()].map((cell) => cell.stop()));
  }
}

async function runCase(one, cells, { quick, rounds }) {
  const result = { name: one.name, title: one.title, how: one.how, measures: one.measures, samples: {}, errors: {} };
  // The first round only warms up; a case that takes its own samples within a round has one.
  const measured = one.samplesItself ? 1 : rounds;
  const first = quick || one.samplesItself ? 0 : -1;
  for (let round = first; round < measured; round++) {
    const startedMs = performance.now();
    for (const system of inTurn([...cells.keys()], round)) {
      if (result.errors[system]) continue;
      const values = await runCell(one, cells.get(system), result);
      if (values && round >= 0) keep(result, system, values);
    }
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.error(
      `${one.name}: round ${round + 1} of ${measured} in ${seconds} s${tell(one.measures, result.samples[OURS])}`,
    );
  }
  return result;
}

async function runCell(one, cell, result) {
  try {
    await cell.begin();
    return await one.run(cell);
  } catch (error) {
    result.errors[cell.system] = String(error.message).split('\n')[0];
    console.error(`${one.name}, ${cell.system}: ${error.message}`);
    await cell.stop();
    return undefined;
  } finally {
    await cell.end();
  }
}

/** A measure is one number, or a list of samples of its own. */
function keep(result, system, values) {
  result.samples[system] ??= {};
  for (const [key, value] of Object.entries(values)) {
    result.samples[system][key] = [...(result.samples[system][key] ?? []), ...[value].flat()];
  }
}

/** Another one begins each round. */
function inTurn(systems, round) {
  const start = (round + systems.length) % systems.length;
  return [...systems.slice(start), ...systems.slice(0, start)];
}

/** Ours so far, in a few words. */
function tell(measures, samples = {}) {
  const known = measures.filter(({ key }) => samples[key]);
  return known.map(({ key, unit }) => `, ${formatValue(median(samples[key]), unit)}`).join('');
}
