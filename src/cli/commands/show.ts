import type { Command } from 'commander';
import { TaskNotFoundError, type TaskRecord } from '../../index';
import { withExamples } from '../options/examples-help';
import { printable } from '../output/printable';
import { timeText } from '../output/time-text';
import { withSession } from '../session';
import { standingOf } from '../tasks/standing';

type Line = readonly [title: string, text: string | undefined];

export function addShow(program: Command): void {
  const command = program
    .command('show')
    .description('Everything that is known of a task')
    .argument('<id>', 'the id of the task')
    .action(
      withSession(
        async ({ client, output, nowMs }, id) => {
          const task = await client.get(id as string);
          if (!task) throw new TaskNotFoundError(id as string);
          if (output.isJson) {
            output.json(task);
            return undefined;
          }
          const standing = await standingOf(client, task, nowMs());
          const title = (text: string) => output.paint('bold', text);
          output.line([...facts(task, standing, nowMs(), title), ...texts(task, title)].join('\n'));
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  withExamples(command, ['taskwarden show 8Zk0bq', 'taskwarden show 8Zk0bq --json | jq -r .output']);
}

/** One line each, those that say nothing left out. */
function facts(task: TaskRecord, standing: string, nowMs: number, paint: (title: string) => string): string[] {
  const at = (timeMs: number | undefined) => (timeMs === undefined ? undefined : timeText(timeMs, nowMs));
  const { lastUpdateSeconds } = task;
  const lines: readonly Line[] = [
    ['ID', task.id],
    ['TASK', task.name ?? '-'],
    ['STATE', task.state],
    ['WHERE', standing],
    ['QUEUE', `${task.queue}, priority ${task.priority}`],
    ['ATTEMPT', task.failures > 0 ? `${task.attempt}; ${task.failures} failed and were retried` : String(task.attempt)],
    ['WORKER', task.worker],
    ['CREATED', at(task.createdMs)],
    ['DUE', at(task.dueMs)],
    ['RESTARTED', at(task.restartedMs)],
    ['STARTED', at(task.startedMs)],
    ['LAST SEEN', at(lastUpdateSeconds === undefined ? undefined : lastUpdateSeconds * 1_000)],
    ['ENDED', at(task.endedMs)],
    ['DEADLINE', at(task.deadlineMs)],
    ['CLEANUP', task.cleanup ? undefined : 'no: it is kept for good'],
    ['LOCAL', task.local ? 'yes: it is its worker’s own' : undefined],
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  return lines.flatMap(([title, text]) =>
    text === undefined ? [] : [`${paint(title.padEnd(width))}  ${printable(text)}`],
  );
}

/** What may be long, each under its title. */
function texts({ data, progress, output, errors }: TaskRecord, paint: (title: string) => string): string[] {
  const parts: readonly Line[] = [
    ['INPUT', data === undefined || data === '' ? '{}' : data],
    ['PROGRESS', progress],
    ['OUTPUT', output],
    ...errors.map((error, position): Line => [`ERROR ${position + 1} of the last ${errors.length}`, error]),
  ];
  return parts.flatMap(([title, text]) => (text === undefined ? [] : ['', paint(title), ...indented(text)]));
}

/** JSON as people write it, any other text as it is. */
function indented(text: string): string[] {
  return pretty(text)
    .split('\n')
    .map((line) => `  ${printable(line.replaceAll('\t', '    '))}`);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
