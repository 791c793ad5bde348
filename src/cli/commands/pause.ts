import type { Command } from 'commander';
import type { QueueHandle } from '../../index';
import { withExamples } from '../options/examples-help';
import { note } from '../output/note';
import { type Session, withSession } from '../session';

export function addPause(program: Command): void {
  const command = program
    .command('pause <queues...>')
    .description('Has no worker take from these queues any more, until resume; what runs goes on, starts wait')
    .action(withSession((session: Session, names: readonly string[]) => setPaused(session, names, true)));
  withExamples(command, ['taskwarden pause mail', 'taskwarden pause mail default']);
}

export function addResume(program: Command): void {
  const command = program
    .command('resume <queues...>')
    .description('Has workers take from these queues again')
    .action(withSession((session: Session, names: readonly string[]) => setPaused(session, names, false)));
  withExamples(command, ['taskwarden resume mail']);
}

async function setPaused({ client, output }: Session, names: readonly string[], paused: boolean): Promise<undefined> {
  // All names first: where one cannot be used, nothing is done.
  const queues: readonly QueueHandle[] = names.map((name) => client.queue(name));
  const known = new Set((await client.queues()).map(({ name }) => name));
  for (const queue of queues) {
    await (paused ? queue.pause() : queue.resume());
    const { name } = queue;
    output.either({ name, paused }, () => `${name}  ${paused ? 'paused' : 'open'}`);
    if (!known.has(name)) note(`nobody has used a queue "${name}" yet: is that how it is spelt?`);
  }
  return undefined;
}
