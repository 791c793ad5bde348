import { createInterface } from 'node:readline';

/** So many ids are taken together: what they need travels together, and no more of them are in memory. */
const AT_ONCE = 100;

/** The ids that were given, in steps; where one is `-`, those of standard input, one a line. */
export async function* idSteps(given: readonly string[]): AsyncGenerator<readonly string[]> {
  let step: string[] = [];
  for await (const id of eachId(given)) {
    step.push(id);
    if (step.length < AT_ONCE) continue;
    yield step;
    step = [];
  }
  if (step.length > 0) yield step;
}

async function* eachId(given: readonly string[]): AsyncGenerator<string> {
  for (const one of given) {
    if (one !== '-') yield one;
    else for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') yield line.trim();
  }
}
