import { type Command, Option } from 'commander';
import ms from 'ms';
import type { ScheduleClient, ScheduleRecord } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { withExamples } from '../options/examples-help';
import { readCount } from '../options/option-values';
import { note } from '../output/note';
import { printable } from '../output/printable';
import type { Column } from '../output/table';
import { distanceText, timeText } from '../output/time-text';
import { withSession } from '../session';

interface Verb {
  readonly verb: 'pause' | 'resume' | 'remove';
  readonly description: string;
  /** What it is then, for people and as JSON. */
  readonly text: string;
  readonly json: object;
}

const VERBS: readonly Verb[] = [
  {
    verb: 'pause',
    description: 'It fires no more until it is resumed',
    text: 'is paused',
    json: { paused: true },
  },
  {
    verb: 'resume',
    description: 'It goes on with its next time; nothing is caught up with',
    text: 'goes on',
    json: { paused: false },
  },
  {
    verb: 'remove',
    description: 'Deletes it; what it has started goes on',
    text: 'is removed',
    json: { removed: true },
  },
];

const at = (timeMs: number | undefined, nowMs: number) =>
  timeMs === undefined ? undefined : distanceText(timeMs, nowMs);

const columns = (nowMs: number): readonly Column<ScheduleRecord>[] => [
  { title: 'SCHEDULE', of: ({ name }) => name },
  { title: 'TASK', of: ({ task }) => task },
  { title: 'WHEN', of: rhythmText },
  { title: 'QUEUE', of: ({ queue }) => queue ?? 'default' },
  { title: 'NEXT', of: ({ nextMs }) => at(nextMs, nowMs) },
  { title: 'LAST', of: ({ lastMs }) => at(lastMs, nowMs) },
  { title: 'LAST TASK', of: ({ lastId }) => lastId },
  { title: 'STATE', of: ({ paused }) => (paused ? 'paused' : 'on') },
];

export function addSchedules(program: Command): void {
  const command = program
    .command('schedules')
    .description('The tasks that recur: lists them, or does something with one')
    .action(
      withSession(
        async ({ client, output, nowMs }) => {
          output.rows(await client.schedules.list(), columns(nowMs()), 'no schedules');
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  for (const verb of VERBS) addVerb(command, verb);
  addNext(command);
  withExamples(command, ['taskwarden schedules', 'taskwarden schedules pause nightly']);
}

function addVerb(schedules: Command, { verb, description, text, json }: Verb): void {
  const command = schedules
    .command(verb)
    .description(description)
    .argument('<name>', 'the name of the schedule')
    .action(
      withSession(async ({ client, output }, given) => {
        const name = given as string;
        const record = await find(client.schedules, name);
        if (!(await client.schedules[verb](name))) throw missing(name);
        output.either({ name, ...json }, () => `${printable(name)} ${text}`);
        if (verb === 'remove' && record.declared) {
          note('its class declares it: it comes back when an app with the class starts');
        }
        return undefined;
      }),
    );
  withExamples(command, [`taskwarden schedules ${verb} nightly`]);
}

function addNext(schedules: Command): void {
  const command = schedules
    .command('next')
    .description('When it fires next')
    .argument('<name>', 'the name of the schedule')
    .addOption(new Option('--count <number>', 'so many times').default(1).argParser(readCount(1)))
    .action(
      withSession<{ readonly count: number }>(
        async ({ client, output, options, nowMs }, given) => {
          const name = given as string;
          const { paused } = await find(client.schedules, name);
          const times = (await client.schedules.next(name, options.count)).map((time) => time.getTime());
          for (const nextMs of times) output.either({ name, nextMs }, () => timeText(nextMs, nowMs()));
          if (times.length === 0) note(paused ? 'it is paused' : 'no time is left');
          if (times.length > 0 && times.length < options.count) note(`no more than these ${times.length} are told`);
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  withExamples(command, ['taskwarden schedules next nightly --count 5']);
}

async function find(schedules: ScheduleClient, name: string): Promise<ScheduleRecord> {
  const record = await schedules.get(name);
  if (!record) throw missing(name);
  return record;
}

function missing(name: string): CommandError {
  return new CommandError(
    EXIT.missing,
    `There is no schedule "${printable(name)}": "taskwarden schedules" lists them.`,
  );
}

function rhythmText({ cron, tz, everyMs }: ScheduleRecord): string {
  if (cron !== undefined) return `${cron} ${tz}`;
  const short = ms(everyMs as number);
  // 90 s would be 2m.
  return `every ${ms(short as ms.StringValue) === everyMs ? short : `${everyMs}ms`}`;
}
