import type { Command } from 'commander';
import type { WorkerRecord } from '../../index';
import { withExamples } from '../options/examples-help';
import type { Column } from '../output/table';
import { ageText } from '../output/time-text';
import { withSession } from '../session';

const columns = (nowMs: number): readonly Column<WorkerRecord>[] => [
  { title: 'WORKER', of: ({ id }) => id },
  { title: 'QUEUES', of: ({ queues }) => queues.join(',') },
  { title: 'RUNNING', of: ({ running }) => running, align: 'right' },
  { title: 'TAKEN', of: ({ taken }) => taken, align: 'right' },
  { title: 'SEEN', of: ({ seenMs }) => ageText(seenMs, nowMs), align: 'right' },
  { title: 'STATE', of: ({ overdue, untilMs }) => (overdue ? `overdue ${ageText(untilMs, nowMs)}` : 'alive') },
];

export function addWorkers(program: Command): void {
  const command = program
    .command('workers')
    .description('The workers that take from queues, and those that fell silent within the last hour')
    .action(
      withSession(
        async ({ client, output, nowMs }) => {
          output.rows(await client.workers(), columns(nowMs()), 'no worker takes tasks');
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  withExamples(command, ['taskwarden workers', "taskwarden workers --json | jq 'select(.overdue)'"]);
}
