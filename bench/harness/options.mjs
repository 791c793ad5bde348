import { parseArgs } from 'node:util';
import { SYSTEMS } from '../adapters/index.mjs';

export const USAGE = `npm run bench -- [options]
  --quick           small sizes, one round: under a minute, for a first impression
  --rounds N        measured rounds of each case (default 5)
  --only CASES      names, or beginnings of names, with commas: drain,latency
  --systems NAMES   of ${SYSTEMS.join(', ')} (default: all)
  --json FILE       writes every number there
A complete run (all cases, all systems, not quick) writes bench/RESULTS.md; every run prints the same text.`;

/** The command line is not acceptable; the message says why. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function readOptions(argv) {
  const { values } = parse(argv);
  const quick = values.quick ?? false;
  const rounds = values.rounds === undefined ? (quick ? 1 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('--rounds takes a whole number, 1 or more.');
  const systems = values.systems?.split(',') ?? SYSTEMS;
  for (const system of systems) {
    if (!SYSTEMS.includes(system)) throw new UsageError(`"${system}" is none of ${SYSTEMS.join(', ')}.`);
  }
  return { quick, rounds, systems, only: values.only?.split(','), json: values.json, help: values.help ?? false };
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
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}
