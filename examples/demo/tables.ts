import { relative } from 'node:path';
import Table, { type HorizontalAlignment } from 'cli-table3';
import type { PackageReport } from './audit-package.task';

/** A package, and what became of its audit: a report, or why there is none. */
export interface Audited {
  readonly folder: string;
  readonly report?: PackageReport;
  readonly failure?: string;
}

const LARGEST = 10;
const MOST_PROBLEMS = 20;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Licences, the largest packages, and problems, as text. */
export function drawTables(audited: readonly Audited[], root: string): string {
  const reports = audited.flatMap(({ report }) => report ?? []);
  const sections = [
    section('Licences', ['Licence', 'Packages'], licenceRows(reports), ['left', 'right']),
    section(
      `The ${Math.min(LARGEST, reports.length)} largest`,
      ['Package', 'Version', 'Size', 'Files'],
      largestRows(reports),
      ['left', 'left', 'right', 'right'],
    ),
    problemSection(audited.flatMap((one) => problemRows(one, root))),
  ];
  return sections.join('\n\n');
}

/** `252 packages, 10,945 files, 221.3 MB`. */
export function drawTotals(audited: readonly Audited[]): string {
  const reports = audited.flatMap(({ report }) => report ?? []);
  const files = reports.reduce((sum, report) => sum + report.files, 0);
  const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
  return `${count(audited.length, 'package')}, ${count(files, 'file')}, ${formatBytes(bytes)}`;
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

/** In thousands, as disks are sold and `ls --si` counts. */
export function formatBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  // What would be rounded up to 1000.0 is of the next unit already.
  for (; size >= 999.95 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

function licenceRows(reports: readonly PackageReport[]): string[][] {
  const counts = new Map<string, number>();
  for (const { licence } of reports) {
    const name = licence ?? 'none named';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || compare(a[0], b[0])).map(([name, times]) => [name, String(times)]);
}

function largestRows(reports: readonly PackageReport[]): string[][] {
  return [...reports]
    .sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name))
    .slice(0, LARGEST)
    .map(({ name, version, bytes, files }) => [name, version, formatBytes(bytes), files.toLocaleString('en')]);
}

function problemRows({ folder, report, failure }: Audited, root: string): string[][] {
  const problems: string[] = [];
  if (failure !== undefined) problems.push(failure);
  if (report?.licence === null) problems.push('no licence named');
  if (report?.mainExists === false) problems.push(`main "${report.main}" does not exist`);
  return problems.map((problem) => [relative(root, folder) || '.', problem]);
}

function problemSection(rows: readonly string[][]): string {
  if (rows.length === 0) return 'Problems: none';
  const drawn = section(`Problems: ${rows.length}`, ['Folder', 'Problem'], rows.slice(0, MOST_PROBLEMS));
  return rows.length > MOST_PROBLEMS ? `${drawn}\n… and ${rows.length - MOST_PROBLEMS} more` : drawn;
}

function section(
  title: string,
  head: string[],
  rows: readonly string[][],
  colAligns: HorizontalAlignment[] = [],
): string {
  // No colours: they would stand as codes in a file.
  const table = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => row.map(printable)));
  return `${title}\n${table.toString()}`;
}

/** Names come out of files of strangers: a control character must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
