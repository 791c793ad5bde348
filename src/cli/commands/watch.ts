import { once } from 'node:events';
import type { Command } from 'commander';
import { EVENT_BUS, type TaskEvent } from '../../index';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import { exitCodeOfStop } from '../interruption';
import { withExamples } from '../options/examples-help';
import { idSteps } from '../options/ids';
import { LiveLines } from '../output/live-lines';
import { note } from '../output/note';
import type { Output } from '../output/output';
import { printable } from '../output/printable';
import { clockText } from '../output/time-text';
import { type Session, withSession } from '../session';
import { endOf, worstOf } from '../tasks/task-end';

const COLORS = {
  start: 'cyan',
  success: 'green',
  error: 'red',
  exception: 'red',
  stop: 'yellow',
  remove: 'yellow',
  reload: 'cyan',
} as const;

export function addWatch(program: Command): void {
  const command = program
    .command('watch [ids...]')
    .description('Shows events as they happen: of some tasks until all have ended, or of all tasks until Ctrl-C')
    .option('--all', 'of all tasks, the local ones of the workers included')
    .action(withSession(watch, { onlyReads: true }));
  withExamples(command, [
    'taskwarden watch --all',
    'taskwarden watch monthly daily',
    'taskwarden --json watch --all | jq .event',
  ]);
}

type WatchSession = Session<{ readonly all?: true }>;
type Show = (event: TaskEvent) => void;

async function watch(session: WatchSession, given: readonly string[]): Promise<ExitCode | undefined> {
  const { all } = session.options;
  if (all && given.length > 0) throw new CommandError(EXIT.usage, 'give ids or --all, not both.');
  if (!all && given.length === 0) {
    throw new CommandError(EXIT.usage, 'what is to be watched? Give ids, - for ids from standard input, or --all.');
  }
  const lines = new LiveLines(session.output);
  const show = (event: TaskEvent) => addEvent(session, lines, event);
  try {
    const code = await (all ? watchAll(session, show) : watchSome(session, given, show));
    if (!session.signal.aborted) await lines.written();
    return code;
  } finally {
    lines.tellDropped();
  }
}

/** By the bus itself: unlike a generator it says from when on nothing is missed. */
async function watchAll(session: Session, show: Show): Promise<undefined> {
  const { app, signal } = session;
  await app.get(EVENT_BUS).onEvery(show);
  tellBegin(session, 'all tasks');
  if (!signal.aborted) await once(signal, 'abort');
  return undefined;
}

async function watchSome(session: Session, given: readonly string[], show: Show): Promise<ExitCode | undefined> {
  const { app, client, signal } = session;
  const ids = new Set<string>();
  for await (const step of idSteps(given, signal)) for (const id of step) ids.add(id);
  if (signal.aborted) return undefined;
  const watched = [...ids].map((id) => ({ id, events: client.watch(id) }));
  // Each stands when one that was asked for after it does.
  await Promise.all(watched.map(({ id }) => app.get(EVENT_BUS).onTask(id, () => {})));
  tellBegin(session, ids.size === 1 ? '1 task' : `${ids.size} tasks`);
  return worstOf(await Promise.all(watched.map(({ id, events }) => watchOne(session, id, events, show))));
}

function tellBegin({ tellConnection }: Session, what: string): void {
  tellConnection();
  note(`watching ${what}; Ctrl-C ends it`);
}

async function watchOne(session: Session, id: string, events: AsyncIterable<TaskEvent>, show: Show): Promise<ExitCode> {
  const { client, signal } = session;
  let last: TaskEvent | undefined;
  for await (const event of events) {
    show(event);
    last = event;
  }
  // The close of the app has ended it, not the task.
  if (signal.aborted) return exitCodeOfStop(signal);
  const { state, exitCode } = endOf(await client.get(id), last);
  if (state === undefined) note(`task "${printable(id)}" does not exist`);
  else if (!last) note(`task "${printable(id)}" has ended as ${state}`);
  return exitCode;
}

function addEvent({ output, nowMs }: Session, lines: LiveLines, { taskId, event, data }: TaskEvent): void {
  const timeMs = nowMs();
  lines.add(() =>
    output.either({ timeMs, taskId, event, data }, () => lineOf(output, timeMs, { taskId, event, data })),
  );
}

function lineOf(output: Output, timeMs: number, { taskId, event, data }: Pick<TaskEvent, 'taskId' | 'event' | 'data'>) {
  const color = Object.hasOwn(COLORS, event) ? COLORS[event as keyof typeof COLORS] : 'magenta';
  const parts = [
    output.paint('dim', clockText(timeMs)),
    printable(taskId),
    output.paint(color, printable(event)),
    // What is of no interest to people: most events have none.
    ...(data === null ? [] : [printable(JSON.stringify(data))]),
  ];
  return parts.join('  ');
}
