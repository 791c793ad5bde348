import { backlog } from './backlog.mjs';
import { cost } from './cost.mjs';
import { drains } from './drain.mjs';
import { enqueueBulk } from './enqueue-bulk.mjs';
import { enqueueEach } from './enqueue-each.mjs';
import { held } from './held.mjs';
import { ioBound } from './io-bound.mjs';
import { latency } from './latency.mjs';
import { memory } from './memory.mjs';
import { together } from './together.mjs';

/**
 * @typedef {object} Measure
 * @property {string} key
 * @property {string} [title] What it adds to the title of the case.
 * @property {string} unit
 * @property {'higher' | 'lower'} better
 * @property {import('../harness/goals.mjs').Goal[]} [goals]
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} title
 * @property {string} how What is done and counted, for the reader of the table.
 * @property {Measure[]} measures
 * @property {boolean} [samplesItself] One round is enough: `run` answers with lists.
 * @property {(cell: import('../harness/cell.mjs').Cell) => Promise<Record<string, number | number[]>>} run Once a round.
 */

/** @type {Case[]} The costly ones last. */
export const CASES = [enqueueEach, enqueueBulk, ...drains, together, latency, ioBound, held, memory, cost, backlog];
