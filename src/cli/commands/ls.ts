import type { Command } from 'commander';
import type { TaskFilter, TaskRecord } from '../../index';
import { withExamples } from '../options/examples-help';
import { addFilterOptions, type FilterFlags, filterOf } from '../options/filter-options';
import { addLimitOptions, type LimitFlags, limitOf } from '../options/limit-options';
import { note } from '../output/note';
import { RowStream } from '../output/row-stream';
import type { Column } from '../output/table';
import { ageText } from '../output/time-text';
import { type Session, withSession } from '../session';

interface LsOptions extends FilterFlags, LimitFlags {
  readonly count?: true;
}

const MOST_SHOWN = 100;

const columns = (nowMs: () => number): readonly Column<TaskRecord>[] => [
  { title: 'ID', of: ({ id }) => id },
  { title: 'TASK', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'QUEUE', of: ({ queue }) => queue },
  { title: 'ATTEMPT', of: ({ attempt }) => attempt, align: 'right' },
  { title: 'AGE', of: ({ createdMs }) => ageText(createdMs, nowMs()), align: 'right' },
  { title: 'WORKER', of: ({ worker }) => worker },
];

export function addLs(program: Command): void {
  const command = program.command('ls').description('The tasks that match all of the flags, in no order');
  addFilterOptions(command);
  addLimitOptions(command, 'so many at most', MOST_SHOWN);
  command.option('--count', 'tells only how many there are').action(
    withSession<LsOptions>(
      async (session) => {
        const filter = filterOf(session.options) ?? {};
        if (session.options.count) await count(session, filter);
        else await list(session, filter);
        return undefined;
      },
      { onlyReads: true },
    ),
  );
  withExamples(command, [
    'taskwarden ls --state ERROR,EXCEPTION --younger-than 1h',
    'taskwarden ls --queue mail --all --json | jq -r .id',
    'taskwarden ls --state WAIT --older-than 10m --count',
  ]);
}

async function list({ client, output, options, nowMs }: Session<LsOptions>, filter: TaskFilter): Promise<void> {
  const most = limitOf(options);
  const rows = new RowStream(output, columns(nowMs));
  try {
    for await (const task of client.list(filter)) {
      if (rows.size === most) {
        rows.flush();
        note(`more tasks match than these ${most}: --all lists them all, --count counts them`);
        break;
      }
      await rows.add(task);
    }
    rows.end('no task matches');
  } finally {
    // What was found before it failed, or was interrupted, is an answer too.
    rows.flush();
  }
}

async function count({ client, output }: Session, filter: TaskFilter): Promise<void> {
  const found = await client.count(filter);
  output.either({ count: found }, () => String(found));
}
