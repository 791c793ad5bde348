import type { Command } from 'commander';
import { type TaskLogLine, TaskNotFoundError } from '../../index';
import { withExamples } from '../options/examples-help';
import { addLimitOptions, type LimitFlags, limitOf } from '../options/limit-options';
import type { Output } from '../output/output';
import { printable } from '../output/printable';
import { withSession } from '../session';

const COLORS = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const;

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('What a task has logged, the oldest line first')
    .argument('<id>', 'the id of the task')
    .action(
      withSession<LimitFlags>(
        async ({ client, output, options }, id) => {
          const limit = limitOf(options);
          const lines = await client.log(id as string, Number.isFinite(limit) ? { limit } : {});
          // No line may mean that it has logged nothing.
          if (lines.length === 0 && !(await client.get(id as string))) throw new TaskNotFoundError(id as string);
          for (const line of lines) {
            if (output.isJson) output.json(line);
            else output.line(lineText(line, output));
            await output.drained();
          }
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  addLimitOptions(command, 'the last so many lines; without it all that are kept');
  withExamples(command, ['taskwarden logs 8Zk0bq', 'taskwarden logs 8Zk0bq --limit 20 --json']);
}

function lineText({ timeMs, level, message, attempt, fields }: TaskLogLine, output: Output): string {
  const time = output.paint('dim', new Date(timeMs).toISOString());
  const name = output.paint(COLORS[level], level.toUpperCase().padEnd(5));
  const rest = Object.keys(fields).length > 0 ? `  ${output.paint('dim', printable(JSON.stringify(fields)))}` : '';
  return `${time}  ${name}  ${output.paint('dim', `attempt ${attempt}`)}  ${printable(message)}${rest}`;
}
