import { type ControlReply, type TaskClient, TaskIdError, type TaskRecord } from '../../index';
import { EXIT, type ExitCode } from '../exit-code';
import { exitCodeOfStop } from '../interruption';
import { idSteps } from '../options/ids';
import { note } from '../output/note';
import { printable } from '../output/printable';
import type { Session } from '../session';

type Words = Readonly<Record<ControlReply, string>>;

/** What a command does to each of some tasks. */
export interface EachVerb {
  /** What is printed of a task for each reply. */
  readonly words: Words;
  readonly act: (client: TaskClient, id: string, input: object | undefined) => Promise<ControlReply>;
  /** For `--dry-run`; undefined: the command has none. */
  readonly dryRun?: {
    readonly words: Words;
    /** What the reply would be now. */
    readonly replyTo: (state: TaskRecord['state']) => ControlReply;
  };
}

/** How to say what becomes of a task, or would. */
interface Way {
  readonly words: Words;
  readonly ask: (id: string) => Promise<ControlReply>;
}

/**
 * Does it to each task, and tells of each what became of it: one whose id cannot be used, or that is not there, holds up no other.
 * @throws What the client threw first, once what is known of the others is told.
 */
export async function controlEach(
  session: Session<{ readonly dryRun?: true }>,
  verb: EachVerb,
  given: readonly string[],
  input: object | undefined,
): Promise<ExitCode | undefined> {
  const { options, signal } = session;
  const way = wayOf(session, verb, input);
  const codes = new Set<ExitCode>();
  for await (const ids of idSteps(given, signal)) {
    if (signal.aborted) break;
    await controlStep(session, way, ids, codes);
  }
  if (options.dryRun) note('nothing was done');
  if (signal.aborted) return exitCodeOfStop(signal);
  return [EXIT.usage, EXIT.missing].find((code) => codes.has(code));
}

function wayOf(
  { client, options }: Session<{ readonly dryRun?: true }>,
  { words, act, dryRun }: EachVerb,
  input: object | undefined,
): Way {
  if (!options.dryRun || !dryRun) return { words, ask: (id) => act(client, id, input) };
  const { words: dryWords, replyTo } = dryRun;
  return {
    words: dryWords,
    ask: async (id) => {
      const task = await client.get(id);
      return task ? replyTo(task.state) : 'missing';
    },
  };
}

async function controlStep(
  { output, options }: Session<{ readonly dryRun?: true }>,
  { words, ask }: Way,
  ids: readonly string[],
  codes: Set<ExitCode>,
): Promise<void> {
  // Called in an async function, so that what throws at once is a rejection too.
  const settled = await Promise.allSettled(ids.map(async (id) => ask(id)));
  const faults: unknown[] = [];
  for (const [position, id] of ids.entries()) {
    const one = settled[position] as PromiseSettledResult<ControlReply>;
    if (one.status === 'fulfilled') {
      const reply = one.value;
      const json = { id, reply, ...(options.dryRun && { dryRun: true }) };
      output.either(json, () => `${printable(id)}  ${words[reply]}`);
      if (reply === 'missing') codes.add(EXIT.missing);
    } else if (one.reason instanceof TaskIdError) {
      note(one.reason.message);
      codes.add(EXIT.usage);
    } else {
      faults.push(one.reason);
    }
  }
  if (faults.length > 0) throw faults[0];
}
