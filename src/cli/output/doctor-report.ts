import type { Check, Diagnosis, Finding, Mending } from '../../index';
import type { Output } from './output';
import { printable } from './printable';

const COLORS = { ok: 'green', note: 'cyan', warning: 'yellow', error: 'red' } as const;
const MARK_WIDTH = 7;
const NAME_WIDTH = 19;

/** For people: a line for each thing that was looked at, and below it what to do. */
export function tellDiagnosis({ checks, places }: Diagnosis, most: number, output: Output): void {
  for (const check of checks) tellLine(check, output);
  if (!places) return;
  const { findings, ids } = places;
  if (findings.length === 0) {
    tellLine({ mark: 'ok', name: 'places', message: `${ids} ids, each where its state wants it` }, output);
    return;
  }
  for (const finding of findings.slice(0, most)) {
    const { mark, problem: name, message } = finding;
    tellLine({ mark, name, message }, output);
  }
  for (const [problem, count] of beyond(findings.slice(most), places.untold ?? {}))
    tellLine({ mark: 'note', name: problem, message: `${count} more, which are not shown` }, output);
}

/** What is about to be mended, and what was. */
export function tellMending(
  { problem, way, remedy, isSafe, count, ids, done }: Mending,
  dryRun: boolean,
  output: Output,
): void {
  const shown = ids.map(printable).join(', ') + (count > ids.length ? ', …' : '');
  if (done !== undefined) {
    const mark = done === count ? ('ok' as const) : ('warning' as const);
    tellLine(
      {
        mark,
        name: problem,
        message:
          done === count
            ? `${done} of ${count} mended`
            : `${done} of ${count} mended; the others ${way === 'left' ? 'are ' : 'were to be '}${remedy}`,
      },
      output,
    );
  } else {
    const what = isSafe ? (dryRun ? 'would be ' : 'to be ') : '';
    tellLine({ mark: 'note', name: problem, message: `${count} ${what}${remedy}: ${shown}` }, output);
  }
}

function tellLine(
  { mark, name, message, remedy }: Omit<Check, 'name'> & { readonly name: string },
  output: Output,
): void {
  const indent = `${output.paint(COLORS[mark], mark.padEnd(MARK_WIDTH))}  ${name.padEnd(NAME_WIDTH)}  `;
  output.line(indent + printable(message));
  if (remedy !== undefined) output.line(`${' '.repeat(MARK_WIDTH + NAME_WIDTH + 4)}-> ${printable(remedy)}`);
}

function beyond(
  left: readonly Finding[],
  untold: Readonly<Record<string, number>>,
): [problem: string, count: number][] {
  const counts = new Map(Object.entries(untold));
  for (const { problem } of left) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  return [...counts];
}
