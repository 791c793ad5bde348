import type { Command } from 'commander';
import type { QueueRecord } from '../../index';
import type { Column } from '../output/table';
import { ageText } from '../output/time-text';
import { withSession } from '../session';

const columns = (nowMs: number): readonly Column<QueueRecord>[] => [
  { title: 'QUEUE', of: ({ name }) => name },
  { title: 'WAITING', of: ({ waiting }) => waiting, align: 'right' },
  { title: 'DELAYED', of: ({ delayed }) => delayed, align: 'right' },
  { title: 'OLDEST', of: ({ oldestMs }) => ageText(oldestMs, nowMs), align: 'right' },
  { title: 'STATE', of: ({ paused }) => (paused ? 'paused' : 'open') },
];

export function addQueues(program: Command): void {
  program
    .command('queues')
    .description('All queues that somebody has used: what waits in them, and since when')
    .action(
      withSession(
        async ({ client, output, nowMs }) => {
          output.rows(await client.queues(), columns(nowMs()), 'no queues yet');
          return undefined;
        },
        { onlyReads: true },
      ),
    );
}
