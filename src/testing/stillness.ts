import { nextTurn } from '../clock';
import { NoRestError } from '../errors';
import { moment, Patience } from './patience';
import { type RealWork, turnsAhead } from './real-work';

/** Only then is real time looked at: mostly it is not needed. */
const TURNS_BEFORE_TIMER = 50;

/** Turns that are waited for here, of all apps: they are no work. */
let ownTurns = 0;

/** What is looked at to know whether an app is at rest. */
export interface Watched {
  /** Calls of the store that are not answered. */
  calls(): number;
  /** Runs and hooks that have not ended and wait neither for the clock nor to be stopped, each in words. */
  busy(): readonly string[];
  /** What the app did last, in words, for the error. */
  lately(): string;
  readonly work: RealWork;
  /** How long to wait in real time. */
  readonly patienceMs: number;
}

/**
 * Resolves when an app is at rest: nothing goes on by itself any more before the clock moves or the test does something.
 * @throws {NoRestError} It was not in time.
 */
export async function untilStill(watched: Watched): Promise<void> {
  const patience = new Patience(watched.patienceMs);
  try {
    for (let turn = 1; ; turn++) {
      await ownTurn();
      // All promises that could settle have, up to the next turn: who goes on by himself has asked for one.
      const isMoving = watched.calls() > 0 || turnsAhead() > ownTurns;
      const waits = !isMoving && watched.busy().length > 0 && watched.work.pending().length > 0;
      if (!isMoving && !waits) return;
      if (patience.isOver) throw restless(watched, isMoving);
      if (waits || turn === TURNS_BEFORE_TIMER) patience.begin();
      if (waits) await moment();
    }
  } finally {
    patience.end();
  }
}

async function ownTurn(): Promise<void> {
  ownTurns += 1;
  await nextTurn();
  ownTurns -= 1;
}

function restless(watched: Watched, isMoving: boolean): NoRestError {
  const { patienceMs, work } = watched;
  const busy = watched.busy();
  const who = busy.length > 0 ? busy.join(', ') : 'the app';
  if (isMoving) {
    return new NoRestError(
      `The app did not come to rest within ${patienceMs} ms of real time: something is done again and again at one moment of its clock. ` +
        `${watched.lately()} Does a task start itself? Let it do so with a delay. A longer patience: createTestApp({ patience }).`,
    );
  }
  return new NoRestError(
    `The app did not come to rest within ${patienceMs} ms of real time: ${who} neither ended nor waited for the app's clock, ` +
      `and this process has open: ${work.pending().join(', ')}. If it waits for something slow, give createTestApp({ patience }). ` +
      'If it is to go on until it is stopped, name its class in createTestApp({ endless }). ' +
      'If it sleeps, let it do so by the injected CLOCK.',
  );
}
