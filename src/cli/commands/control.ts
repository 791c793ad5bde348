import type { Command } from 'commander';
import type { ControlReply, TaskClient } from '../../index';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import { withExamples } from '../options/examples-help';
import { filterOf } from '../options/filter-options';
import { readJsonInput } from '../options/json-input';
import { type Session, withSession } from '../session';
import { addBulkOptions, type BulkFlags, type BulkVerb, controlByFilter } from '../tasks/bulk';
import { controlEach, type EachVerb } from '../tasks/control-each';

interface ControlFlags extends BulkFlags {
  readonly input?: string;
}

/** A command that does something to tasks which are there. */
interface Verb extends EachVerb {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
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
  dryRun: {
    words: {
      done: 'would be stopped',
      requested: 'would be asked to stop',
      unchanged: 'would stay as it is: it has ended',
      missing: MISSING,
    },
    replyTo: (state) => (state === 'WAIT' ? 'done' : state === 'RUNNING' ? 'requested' : 'unchanged'),
  },
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
  dryRun: {
    words: {
      done: 'would wait again',
      requested: 'would be asked to begin anew',
      unchanged: 'would stay as it is: it waits',
      missing: MISSING,
    },
    replyTo: (state) => (state === 'WAIT' ? 'unchanged' : state === 'RUNNING' ? 'requested' : 'done'),
  },
  many: { call: 'restartMany', counted: { done: 'restarted', requested: 'asked to begin anew' } },
  examples: ['taskwarden restart monthly', 'taskwarden restart --task mail --state ERROR,EXCEPTION --yes'],
};

const REMOVE: Verb = {
  name: 'remove',
  description: 'Deletes tasks; running ones are stopped first',
  words: { done: 'removed', requested: 'is asked to stop, then removed', unchanged: 'unchanged', missing: MISSING },
  act: (client, id) => client.remove(id),
  dryRun: {
    words: {
      done: 'would be removed',
      requested: 'would be asked to stop, then be removed',
      unchanged: 'would stay as it is',
      missing: MISSING,
    },
    replyTo: (state) => (state === 'RUNNING' ? 'requested' : 'done'),
  },
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
  const work = (session: Session<ControlFlags>, ids: readonly string[]) => control(session, verb, ids);
  command.action(withSession(work, { endsItself: true }));
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

async function reload(client: TaskClient, id: string, input: object | undefined): Promise<ControlReply> {
  if (input !== undefined && !(await client.setInput(id, input))) return 'missing';
  return client.reload(id);
}
