import { createInterface } from 'node:readline';

/** So many ids are taken together: what they need travels together, and no more of them are in memory. */
const AT_ONCE = 100;

/**
 * The ids that were given, in steps; where one is `-`, those of standard input, one a line.
 * @param signal Ends it: what was read before is still given.
 */
export async function* idSteps(given: readonly string[], signal: AbortSignal): AsyncGenerator<readonly string[]> {
  let step: string[] = [];
  for await (const id of eachId(given, signal)) {
    step.push(id);
    if (step.length < AT_ONCE) continue;
    yield step;
    step = [];
  }
  if (step.length > 0) yield step;
}

async function* eachId(given: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  for (const one of given) {
    if (one !== '-') yield one;
    else
      for await (const line of createInterface({ input: process.stdin, signal }))
        if (line.trim() !== '') yield line.trim();
  }
}
