import { closeSync, openSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BEFORE, OURS, SYSTEMS } from '../adapters/index.mjs';
import { CASES } from '../cases/index.mjs';

export const USAGE = `npm run bench -- [options]
  --quick           small sizes, one round: about a minute, for a first impression; all takes about ten
  --rounds N        measured rounds of each case (default 5)
  --only CASES      names, or beginnings of names, with commas; of
                    ${CASES.map(({ name }) => name).join(', ')}
  --systems NAMES   of ${SYSTEMS.join(', ')} (default: all)
  --before COMMIT   also measures taskwarden as it was then, built in a temporary folder, as the system ${BEFORE}
                    (default: none); the report tells the ratios of now to then
  --json FILE       writes every number there
It brings the peers by npm, and needs redis-server 7.0 or later, or REDIS_SERVER with its path.
A complete run (all cases, all systems, not quick) writes bench/RESULTS.md; every run prints the same text.`;

/** The command line is not acceptable; the message says why. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function readOptions(argv) {
  const { values } = parse(argv);
  const quick = values.quick ?? false;
  const rounds = values.rounds === undefined ? (quick ? 1 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('--rounds takes a whole number, 1 or more.');
  const { before } = values;
  return {
    quick,
    rounds,
    systems: systemsOf(values.systems?.split(','), before),
    before,
    cases: chosen(values.only?.split(',')),
    json: values.json,
    help: values.help ?? false,
  };
}

/** @throws {UsageError} */
export function assertWritable(file) {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw new UsageError(`--json: ${file} cannot be written: ${error.message}`);
  }
}

/** `before` is there, after ours, where a commit is given. */
function systemsOf(named = SYSTEMS, before) {
  for (const system of named) {
    if (system === BEFORE && before === undefined) throw new UsageError(`"${BEFORE}" needs --before with a commit.`);
    if (![BEFORE, ...SYSTEMS].includes(system)) throw new UsageError(`"${system}" is none of ${SYSTEMS.join(', ')}.`);
  }
  const systems = [...new Set(named)].filter((system) => system !== BEFORE);
  if (before === undefined) return systems;
  if (!systems.includes(OURS)) throw new UsageError(`--before is compared with ${OURS}: name that in --systems too.`);
  return systems.flatMap((system) => (system === OURS ? [OURS, BEFORE] : [system]));
}

/** `drain-100` is that case alone, although the name of another begins with it. */
function chosen(only) {
  if (!only) return CASES;
  const meant = only.flatMap((text) => {
    const same = CASES.filter(({ name }) => name === text);
    const those = same.length > 0 ? same : CASES.filter(({ name }) => text !== '' && name.startsWith(text));
    if (those.length > 0) return those;
    throw new UsageError(`"${text}" is no case; there are ${CASES.map(({ name }) => name).join(', ')}.`);
  });
  return CASES.filter((one) => meant.includes(one));
}

function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      options: {
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        systems: { type: 'string' },
        before: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}
