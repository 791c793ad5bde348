import { BEFORE, CEILING, OURS } from '../adapters/index.mjs';
import { formatNumber } from './format.mjs';
import { median, timesBetter } from './statistics.mjs';

/**
 * A goal looks at a measure's samples by system, and tells whether ours reaches it; undefined: that cannot be told.
 * @typedef {{ text: string, reached: (samples: Record<string, number[]>, better: 'higher' | 'lower') => boolean | undefined }} Goal
 */

/** @returns {Goal} */
export function times(factor, system, title) {
  return {
    text: `${factor} x ${title}`,
    reached: (samples, better) =>
      samples[system] && samples[OURS] && timesBetter(samples[OURS], samples[system], better) >= factor,
  };
}

/** @returns {Goal} */
export function shareOfCeiling(share) {
  return { ...times(share, CEILING, ''), text: `${share * 100}% of the ceiling` };
}

/** @returns {Goal} */
export function betterThanEveryPeer() {
  return {
    text: 'better than every peer',
    reached(samples, better) {
      const peers = Object.keys(samples).filter((system) => ![OURS, BEFORE, CEILING].includes(system));
      if (!samples[OURS] || peers.length === 0) return undefined;
      return peers.every((peer) => timesBetter(samples[OURS], samples[peer], better) > 1);
    },
  };
}

/** @returns {Goal} */
export function atLeast(value, unit = '') {
  return {
    text: `at least ${formatNumber(value)}${unit}`,
    reached: (samples) => samples[OURS] && median(samples[OURS]) >= value,
  };
}

/** @returns {Goal} */
export function under(value, unit = '') {
  return {
    text: `under ${formatNumber(value)}${unit}`,
    reached: (samples) => samples[OURS] && median(samples[OURS]) < value,
  };
}
