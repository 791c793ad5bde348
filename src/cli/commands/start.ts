import { type Command, Option } from 'commander';
import type { StartOptions } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { openWithModule } from '../module/module-app';
import { withExamples } from '../options/examples-help';
import { readJsonInput } from '../options/json-input';
import { readDuration, readPriority, readTime } from '../options/option-values';
import { note } from '../output/note';
import { printable } from '../output/printable';
import { type Session, withSession } from '../session';
import { printResult } from '../tasks/task-end';

interface StartFlags {
  readonly app?: string;
  readonly input?: string;
  readonly id?: string;
  readonly queue?: string;
  readonly priority?: number;
  readonly delay?: number;
  readonly runAt?: Date;
  readonly deadline?: number;
  readonly wait?: true;
  readonly timeout?: number;
}

export function addStart(program: Command): void {
  const command = program
    .command('start <name>')
    .description('Starts a task and prints its id')
    .option('-i, --input <json>', 'its input: JSON, @file, or - for standard input; without it {}')
    .option('-a, --app <module>', 'loads the task classes of a module, as worker does: the input is validated by them')
    .option('--id <id>', 'its id; without it a random one')
    .option('--queue <name>', 'the queue that it goes into')
    .addOption(new Option('--priority <level>', 'from 0, taken first, to 9').argParser(readPriority))
    .addOption(
      new Option('--delay <duration>', 'not before so long from now').argParser(readDuration).conflicts('runAt'),
    )
    .addOption(new Option('--run-at <time>', 'not before this time').argParser(readTime))
    .addOption(new Option('--deadline <duration>', 'how long it may take in all').argParser(readDuration))
    .option('-w, --wait', 'waits for its end and prints its result as JSON; the exit code tells how it ended')
    .addOption(new Option('--timeout <duration>', 'with --wait: how long').argParser(readDuration))
    .action(withSession(start, { open: openWithModule }));
  withExamples(command, [
    `taskwarden start mail --input '{"to": "ada@example.org"}'`,
    'taskwarden start report --input @report.json --delay 10m --id monthly',
    'taskwarden start sum --input - --wait --timeout 30s < numbers.json',
  ]);
}

async function start(session: Session<StartFlags>, name: string): Promise<undefined> {
  const { client, options, output } = session;
  if (options.timeout !== undefined && !options.wait) {
    throw new CommandError(EXIT.usage, '--timeout is how long --wait waits: give --wait as well, or leave it out.');
  }
  const input = options.input === undefined ? {} : await readJsonInput(options.input, session.signal);
  const handle = await client.start(name, input, startOptionsOf(options));
  if (!handle.isNew) note(`an earlier task has its unique key: it is ${printable(handle.id)}`);
  if (options.wait) {
    note(`started ${printable(handle.id)}`);
    await printResult(session, handle.id, options.timeout);
  } else {
    output.either({ id: handle.id, isNew: handle.isNew }, () => printable(handle.id));
  }
  return undefined;
}

function startOptionsOf({ id, queue, priority, delay, runAt, deadline }: StartFlags): StartOptions {
  const given = { id, queue, priority, delay, runAt, deadline };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
