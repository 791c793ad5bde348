import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLOCK, EVENT_BUS, StoreUnavailableError } from '../../index';
import { withExamples } from '../options/examples-help';
import { readDuration } from '../options/option-values';
import { LiveScreen } from '../output/live-screen';
import { note } from '../output/note';
import { pause } from '../pause';
import { type Session, withSession } from '../session';
import { EventRates } from '../tasks/event-rates';
import { type Snapshot, snapshotLine, snapshotText, takeSnapshot } from '../tasks/snapshot';

interface StatsOptions {
  readonly live?: true;
  readonly interval?: number;
}

const INTERVAL_MS = 1_000;
const SHORTEST_INTERVAL_MS = 100;

export function addStats(program: Command): void {
  const command = program
    .command('stats')
    .description('How many tasks wait, run and have ended, by queue, and how many workers there are')
    .option('--live', 'again and again, with how many runs begin and end a second, until Ctrl-C')
    .addOption(new Option('--interval <duration>', 'how often; implies --live (default: 1s)').argParser(readInterval))
    .action(
      withSession<StatsOptions>(
        async (session) => {
          const { client, output, options, nowMs } = session;
          if (options.live || options.interval !== undefined) return watch(session, options.interval ?? INTERVAL_MS);
          const snapshot = await takeSnapshot(client, nowMs());
          output.either(snapshot, () => snapshotText(output, snapshot, false));
          return undefined;
        },
        { onlyReads: true },
      ),
    );
  withExamples(command, ['taskwarden stats', 'taskwarden stats --live', 'taskwarden stats --interval 10s --json']);
}

function readInterval(text: string): number {
  const intervalMs = readDuration(text);
  if (intervalMs >= SHORTEST_INTERVAL_MS) return intervalMs;
  throw new InvalidArgumentError(`It is shorter than ${SHORTEST_INTERVAL_MS}ms: Redis has other things to do as well.`);
}

/** Once for sure, as a Redis that is not there at all ends it; from then on one that is away is waited for. */
async function watch(session: Session<StatsOptions>, intervalMs: number): Promise<undefined> {
  const { app, client, output, nowMs, signal } = session;
  const clock = app.get(CLOCK);
  const screen = output.isTerminal && !output.isJson ? new LiveScreen(output.stream) : undefined;
  const tell = (snapshot: Snapshot) => {
    if (screen) screen.draw(`${snapshotText(output, snapshot, true)}\n\nCtrl-C ends it`);
    else output.either(snapshot, () => snapshotLine(snapshot));
  };
  const first = await takeSnapshot(client, nowMs());
  const rates = new EventRates(clock);
  const unsubscribe = await rates.listen(app.get(EVENT_BUS));
  try {
    // Lines have no rates before an interval is over, and a person wants to see something.
    if (screen) tell(first);
    while (!signal.aborted) {
      await pause(clock, intervalMs, signal);
      if (signal.aborted) break;
      try {
        tell(await takeSnapshot(client, nowMs(), rates.take()));
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        if (screen) screen.draw(error.message);
        else note(error.message);
      }
    }
  } finally {
    screen?.end();
    await unsubscribe();
  }
  return undefined;
}
