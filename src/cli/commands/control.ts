import type { Command } from 'commander';
import { type ControlReply, type TaskClient, TaskIdError } from '../../index';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import { withExamples } from '../options/examples-help';
import { filterOf } from '../options/filter-options';
import { idSteps } from '../options/ids';
import { readJsonInput } from '../options/json-input';
import { note } from '../output/note';
import { printable } from '../output/printable';
import { type Session, withSession } from '../session';
import { addBulkOptions, type BulkFlags, type BulkVerb, controlByFilter } from '../tasks/bulk';

interface ControlFlags extends BulkFlags {
  readonly input?: string;
}

/** A command that does something to tasks which are there. */
interface Verb {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
  /** What is printed of a task for each reply. */
  readonly words: Readonly<Record<ControlReply, string>>;
  readonly act: (client: TaskClient, id: string, input: object | undefined) => Promise<ControlReply>;
  /** For all tasks of a filter; undefined: the command takes ids alone. */
  readonly many?: Omit<BulkVerb, 'name'>;
  readonly examples: readonly string[];
}

const MISSING = 'no such task';

const STOP: Verb = {
  name: 'stop',
  description: 'Stops tasks: a running one ends at once or at its next heartbeat, a waiting one never begins',
  words: { done: 'stopped', requested: 'is asked to stop', unchanged: 'unchanged: it has ended', missing: MISSING },
  act: (client, id) => client.stop(id),
  many: { call: 'stopMany', counted: { done: 'stopped', requested: 'asked to stop' } },
  examples: ['taskwarden stop monthly', 'taskwarden stop --task mail --state WAIT --dry-run'],
};

const RELOAD: Verb = {
  name: 'reload',
  description: 'Runs running tasks anew, with the input that is stored by now',
  words: {
    done: 'reloaded',
    requested: 'is asked to begin anew',
    unchanged: 'unchanged: it does not run',
    missing: MISSING,
  },
  act: reload,
  examples: ['taskwarden reload feed', `taskwarden reload feed --input '{"url": "https://example.org/"}'`],
};

const RESTART: Verb = {
  name: 'restart',
  alias: 'retry',
  description: 'Runs ended or stopped tasks again, and running ones anew',
  words: {
    done: 'waits again',
    requested: 'is asked to begin anew',
    unchanged: 'unchanged: it waits',
    missing: MISSING,
  },
  act: (client, id) => client.restart(id),
  many: { call: 'restartMany', counted: { done: 'restarted', requested: 'asked to begin anew' } },
  examples: ['taskwarden restart monthly', 'taskwarden restart --task mail --state ERROR,EXCEPTION --yes'],
};

const REMOVE: Verb = {
  name: 'remove',
  description: 'Deletes tasks; running ones are stopped first',
  words: { done: 'removed', requested: 'is asked to stop, then removed', unchanged: 'unchanged', missing: MISSING },
  act: (client, id) => client.remove(id),
  many: { call: 'removeMany', counted: { done: 'removed', requested: 'asked to stop, then removed' } },
  examples: ['taskwarden remove monthly', 'taskwarden --json ls --state STOPPED | jq -r .id | taskwarden remove -'],
};

export const addStop = (program: Command) => void addVerb(program, STOP);
export const addRestart = (program: Command) => void addVerb(program, RESTART);
export const addRemove = (program: Command) => void addVerb(program, REMOVE);

export function addReload(program: Command): void {
  addVerb(program, RELOAD).option(
    '-i, --input <json>',
    'replaces their input first: JSON, @file, or - for standard input',
  );
}

function addVerb(program: Command, verb: Verb): Command {
  const command = program
    .command(verb.name)
    .description(verb.description)
    .argument('[ids...]', 'of the tasks; - reads them from standard input, one a line');
  if (verb.alias !== undefined) command.alias(verb.alias);
  if (verb.many) addBulkOptions(command);
  command.action(withSession((session: Session<ControlFlags>, ids: readonly string[]) => control(session, verb, ids)));
  return withExamples(command, verb.examples);
}

async function control(
  session: Session<ControlFlags>,
  verb: Verb,
  given: readonly string[],
): Promise<ExitCode | undefined> {
  const filter = filterOf(session.options);
  if (filter && given.length > 0) throw new CommandError(EXIT.usage, 'give ids or a filter, not both.');
  if (filter && verb.many) return controlByFilter(session, { name: verb.name, ...verb.many }, filter);
  if (given.length === 0) {
    const or = verb.many
      ? ', - for ids from standard input, or a filter such as --state ERROR.'
      : ', or - for ids from standard input.';
    throw new CommandError(EXIT.usage, `which tasks? Give ids${or}`);
  }
  const { input } = session.options;
  if (input === '-' && given.includes('-')) {
    throw new CommandError(EXIT.usage, 'standard input cannot be the ids and the input: give one of them otherwise.');
  }
  return controlEach(
    session,
    verb,
    given,
    input === undefined ? undefined : await readJsonInput(input, session.signal),
  );
}

async function controlEach(
  { client, output, signal }: Session,
  { words, act }: Verb,
  given: readonly string[],
  input: object | undefined,
): Promise<ExitCode | undefined> {
  let code: ExitCode | undefined;
  for await (const ids of idSteps(given, signal)) {
    if (signal.aborted) return EXIT.interrupted;
    const replies = await Promise.all(ids.map((id) => act(client, id, input).catch(idRefusal)));
    ids.forEach((id, position) => {
      const reply = replies[position] as ControlReply | TaskIdError;
      if (typeof reply !== 'string') {
        note(reply.message);
        code ??= EXIT.usage;
        return;
      }
      output.either({ id, reply }, () => `${printable(id)}  ${words[reply]}`);
      if (reply === 'missing') code = EXIT.missing;
    });
  }
  return signal.aborted ? EXIT.interrupted : code;
}

/** An id that cannot be used must not hold up the others. */
function idRefusal(error: unknown): TaskIdError {
  if (error instanceof TaskIdError) return error;
  throw error;
}

async function reload(client: TaskClient, id: string, input: object | undefined): Promise<ControlReply> {
  if (input !== undefined && !(await client.setInput(id, input))) return 'missing';
  return client.reload(id);
}
