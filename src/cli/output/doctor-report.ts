import type { Check, CheckMark, Diagnosis, Finding, Mending } from '../../index';
import type { Output } from './output';
import { printable } from './printable';

/** What a monitor has not mended in time though it should have. */
const LATE: readonly string[] = ['overdue', 'inbox-overdue'];
const COLORS = { ok: 'green', note: 'cyan', warning: 'yellow', error: 'red' } as const;
const MARK_WIDTH = 7;
const NAME_WIDTH = 19;
/** Problems that do no harm, though there be more of them than are told. */
const HARMLESS: readonly string[] = ['update-remainder', 'other-type'];

/** What is mended in passing is worth a note only, as long as somebody passes. */
function markOf({ severity, problem }: Finding, { checks }: Diagnosis): CheckMark {
  if (severity !== 'recoverable') return severity === 'error' ? 'error' : 'note';
  const isWatched = checks.some(({ name, mark }) => name === 'monitor' && mark === 'ok');
  return isWatched && !LATE.includes(problem) ? 'note' : 'warning';
}

/** Whether there is a warning or an error. */
export function needsHand(diagnosis: Diagnosis): boolean {
  const { checks, places } = diagnosis;
  const isBad = (mark: CheckMark) => mark === 'warning' || mark === 'error';
  return (
    checks.some(({ mark }) => isBad(mark)) ||
    (places?.findings ?? []).some((finding) => isBad(markOf(finding, diagnosis))) ||
    Object.keys(places?.untold ?? {}).some((problem) => !HARMLESS.includes(problem))
  );
}

/** For people: a line for each thing that was looked at, and below it what to do. */
export function tellDiagnosis(diagnosis: Diagnosis, most: number, output: Output): void {
  const { checks, places } = diagnosis;
  for (const check of checks) tellLine(check, output);
  if (!places) return;
  const { findings, ids } = places;
  if (findings.length === 0) {
    tellLine({ mark: 'ok', name: 'places', message: `${ids} ids, each where its state wants it` }, output);
    return;
  }
  for (const finding of findings.slice(0, most)) {
    const { problem: name, message } = finding;
    tellLine({ mark: markOf(finding, diagnosis), name, message }, output);
  }
  for (const [problem, count] of beyond(findings.slice(most), places.untold ?? {}))
    tellLine({ mark: 'note', name: problem, message: `${count} more, which are not shown` }, output);
}

/** What is about to be mended, and what was. */
export function tellMending(
  { problem, remedy, isSafe, count, ids, done }: Mending,
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
            : `${done} of ${count} mended; the others ${remedy.startsWith('left') ? 'are ' : 'were to be '}${remedy}`,
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
