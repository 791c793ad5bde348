import type { Command } from 'commander';
import { BulkControlError, type BulkControlReport, type TaskFilter } from '../../index';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import { exitCodeOfStop, interruptible } from '../interruption';
import { addFilterOptions, type FilterFlags } from '../options/filter-options';
import { canAsk, confirm } from '../output/confirm';
import { note } from '../output/note';
import { StatusLine } from '../output/status-line';
import type { Session } from '../session';

/** The flags of commands that do something to many tasks. */
export interface BulkFlags extends FilterFlags {
  readonly yes?: true;
  readonly dryRun?: true;
}

export interface BulkVerb {
  readonly name: string;
  readonly call: 'stopMany' | 'restartMany' | 'removeMany';
  /** What follows how many there are, for each reply. */
  readonly counted: Readonly<Record<'done' | 'requested', string>>;
}

const COUNTED = { unchanged: 'unchanged', missing: 'gone meanwhile' } as const;
const REPLIES = ['done', 'requested', 'unchanged', 'missing'] as const;

export function addBulkOptions(command: Command): void {
  addFilterOptions(command);
  command
    .option('-y, --yes', 'does not ask before many tasks are touched')
    .option('--dry-run', 'tells what would be done, and touches nothing');
}

/** Does it to all tasks that match, once that is confirmed. @throws {CommandError} It was not. */
export async function controlByFilter(
  session: Session<BulkFlags>,
  verb: BulkVerb,
  filter: TaskFilter,
): Promise<ExitCode | undefined> {
  const { output, options } = session;
  if (options.dryRun || !options.yes) {
    const matched = await countMatching(session, filter);
    if (options.dryRun) {
      output.either({ matched }, () => `${tasks(matched)} would be touched; nothing was done`);
      return undefined;
    }
    if (matched > 1) await askFirst(session, verb, matched);
  }
  return run(session, verb, filter);
}

async function askFirst({ signal }: Session, { name }: BulkVerb, matched: number): Promise<void> {
  if (canAsk()) return confirm(`${name}: ${tasks(matched)} match. Do it to all of them?`, signal);
  throw new CommandError(
    EXIT.usage,
    `${name}: ${tasks(matched)} match, and nothing was done. Add --yes to do it to all of them, or --dry-run to count only.`,
  );
}

async function countMatching({ client, signal }: Session, filter: TaskFilter): Promise<number> {
  const status = new StatusLine();
  status.show('counting …');
  try {
    return await interruptible(signal, client.count(filter));
  } finally {
    status.clear();
  }
}

async function run(
  { client, output, signal }: Session,
  { call, counted }: BulkVerb,
  filter: TaskFilter,
): Promise<ExitCode | undefined> {
  const status = new StatusLine();
  const onProgress = (report: BulkControlReport) =>
    status.show(`${report.looked} looked at: ${summary(report, counted)}`);
  try {
    const report = await client[call](filter, { signal, onProgress });
    status.clear();
    output.either(report, () => summary(report, counted));
    return undefined;
  } catch (error) {
    status.clear();
    if (!(error instanceof BulkControlError) || !signal.aborted) throw error;
    note(`interrupted: ${summary(error.report, counted)}. What is done stays so.`);
    return exitCodeOfStop(signal);
  }
}

/** `3 stopped, 1 asked to stop`; what became of none is left out. */
function summary(report: BulkControlReport, counted: BulkVerb['counted']): string {
  const words = { ...COUNTED, ...counted };
  const parts = REPLIES.filter((reply) => report[reply] > 0).map((reply) => `${report[reply]} ${words[reply]}`);
  return parts.length === 0 ? 'no task matches' : parts.join(', ');
}

function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}
