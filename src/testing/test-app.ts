import { App } from '../app/app';
import type { InputOf } from '../client/input-types';
import { AppClosedError, NoRestError } from '../errors';
import type { ClusterListeners } from '../events/cluster-listeners';
import type { Duration } from '../task/duration';
import type { TaskClass } from '../task/task-class';
import { Dispatcher } from '../worker/dispatcher';
import type { EmittedEvent, EnqueuedTask } from './journal';
import type { ManualClock } from './manual-clock';
import { moment } from './patience';
import { untilStill, type Watched } from './stillness';
import { TEST_KIT, type TestKit } from './test-kit';
import type { LogLine, Thrown } from './test-logs';

/** When an app is closed, what has not come to rest at first is given so long before each step of the clock. */
const CLOSING_PATIENCE_MS = 20;

/** An app on the embedded store whose time stands still until a test lets it pass. */
export class TestApp extends App {
  private readonly kit: TestKit;
  private readonly heard: ClusterListeners;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(...parts: ConstructorParameters<typeof App>) {
    super(...parts);
    const [container, , listeners] = parts;
    this.kit = container.resolve(TEST_KIT);
    this.heard = listeners;
    this.kit.made();
  }

  /** The app's time, which is also what is injected as `CLOCK`. */
  get clock(): ManualClock {
    return this.kit.clock;
  }

  /** What the app and its tasks have logged. */
  get logs(): readonly LogLine[] {
    return this.kit.logs.lines;
  }

  /** What was thrown: by runs, by hooks and by whatever else of the app calls code of yours. */
  get failures(): readonly Thrown[] {
    return this.kit.logs.failures;
  }

  override async start(): Promise<void> {
    if (this.closing) throw new AppClosedError();
    this.starting ??= this.kit.whileStarting(() => super.start());
    await this.starting;
  }

  /**
   * Runs everything that can run now, to its end, without moving time; starts the app, if that is still to be done. What is left then
   * waits: for its time, for a worker, or to be stopped.
   * @throws {NoRestError} It did not come to rest within the `patience` of real time.
   */
  async drain(): Promise<void> {
    await this.start();
    await untilStill(this.watched());
  }

  /**
   * Drains, and lets time pass: retries, delays, schedules, timeouts and whatever else is due happens in its order and at its time, each
   * time to the end.
   * @throws {NoRestError} As `drain`.
   */
  async advance(duration: Duration): Promise<void> {
    await this.start();
    await this.clock.advance(duration, () => untilStill(this.watched()));
  }

  /** The tasks that were enqueued so far, by clients and schedules, in order. */
  enqueued(): EnqueuedTask[];
  /** Those of a class, or of a name. */
  enqueued(name: string): EnqueuedTask[];
  enqueued<T extends TaskClass>(task: T): EnqueuedTask<InputOf<T>>[];
  enqueued(task?: TaskClass | string): EnqueuedTask[] {
    return this.kit.journal.enqueued(task);
  }

  /**
   * The events that were published so far, in order.
   * @param of `task:event`, either of which may be `*`; or a task class, for all events of its tasks. Default: all.
   * @throws {ConfigurationError} There can be no such event.
   */
  events(of?: TaskClass | string): EmittedEvent[] {
    return this.kit.journal.events(of);
  }

  /** As that of any app; time passes meanwhile as far as it must. */
  override close(): Promise<void> {
    this.closing ??= this.closeLettingTimePass();
    return this.closing;
  }

  /** What tells whether it is at rest. @param busy In place of the runs of its worker. */
  watched(busy: () => readonly string[] = () => this.busy()): Watched {
    const { kit } = this;
    return {
      calls: () => kit.openCalls,
      busy,
      lately: () => kit.journal.lately(),
      work: kit.work,
      patienceMs: kit.patienceMs,
    };
  }

  private busy(): readonly string[] {
    const runs = this.get(Dispatcher).activeRuns.filter(({ lease, opened }) => !this.kit.rests(lease.id, opened.name));
    const names = runs.map(({ lease, opened }) => `${opened.name} (${lease.id})`);
    return this.heard.hooksUnderWay > 0 ? [...names, `${this.heard.hooksUnderWay} hooks of listeners`] : names;
  }

  private async closeLettingTimePass(): Promise<void> {
    let isClosed = false;
    const closed = super.close().finally(() => {
      isClosed = true;
    });
    for (let { patienceMs } = this.kit; !isClosed; patienceMs = CLOSING_PATIENCE_MS) {
      await untilStill({ ...this.watched(), patienceMs }).catch((error: unknown) => {
        // What is to close is not kept from it by what does not rest.
        if (!(error instanceof NoRestError)) throw error;
      });
      if (isClosed) break;
      const { msUntilNext } = this.clock;
      if (Number.isFinite(msUntilNext)) await this.clock.advance(msUntilNext);
      // A service that is disposed takes its real time.
      else await Promise.race([closed, moment()]);
    }
    this.kit.work.close();
    await closed;
  }
}
