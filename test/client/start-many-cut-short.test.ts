import { IsInt } from 'class-validator';
import type { App } from '../../src/app/app';
import type { Provider } from '../../src/app/provider';
import { StartManyError } from '../../src/bulk-errors';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { AppClosedError, StoreUnavailableError } from '../../src/errors';
import { EVENT_BUS } from '../../src/events/event-bus';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE } from '../../src/store/task-store';
import { type FaultPlan, faultyStore } from '../../src/testing';
import { Gate } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class CountInput {
  @IsInt() n!: number;
}

@Task('count')
class Count {
  start(@Input(CountInput) { n }: CountInput): number {
    return n;
  }
}

const BAD = { n: 'x' } as unknown as { n: number };

/** Counts what is asked of it, and whether it was left. */
class Source {
  given = 0;
  left = false;

  constructor(
    private readonly count: number,
    private readonly atEnd: () => unknown = () => {},
  ) {}

  *[Symbol.iterator](): Generator<{ n: number }> {
    try {
      while (this.given < this.count) yield { n: this.given++ };
      this.atEnd();
    } finally {
      this.left = true;
    }
  }

  async *later(): AsyncGenerator<{ n: number }> {
    try {
      while (this.given < this.count) yield { n: this.given++ };
      await this.atEnd();
    } finally {
      this.left = true;
    }
  }
}

async function cutShort(starting: Promise<unknown>): Promise<StartManyError> {
  const error = await starting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartManyError);
  const { report, inDoubt, nextIndex } = error as StartManyError;
  expect(report.started + report.refusedCount + inDoubt.length).toBe(nextIndex);
  return error as StartManyError;
}

describe.each(PLACES)('starting many tasks, cut short, on %s', (place) => {
  const stage = Stage.use(place);

  function faulty(plan: FaultPlan): Promise<App> {
    const { store, reader, events } = stage().backend;
    const providers: Provider[] = [
      { provide: TASK_STORE, useValue: faultyStore(store, plan) },
      { provide: TASK_READER, useValue: reader },
      { provide: EVENT_BUS, useValue: events },
    ];
    return stage().app({ tasks: [Count], worker: false, providers });
  }

  async function client() {
    return (await stage().app({ tasks: [Count], worker: false })).client;
  }

  /** No more of the calls answers before the gate is open. */
  const holding = (gate: Gate) =>
    faulty({
      onCall: ({ verb, side }) =>
        verb === 'enqueue' && side === 'before' ? { kind: 'hold', until: gate.passed } : undefined,
    });

  /** The reply to this call of `enqueue` is lost; it was written. */
  const losing = (lost: number) =>
    faulty({
      onCall: ({ verb, nth, side }) =>
        verb === 'enqueue' && nth === lost && side === 'after' ? { kind: 'drop' } : undefined,
    });

  test.each(['an iterable', 'an async iterable'])('%s is read no further than 1,000 inputs ahead', async (kind) => {
    const gate = new Gate();
    const app = await holding(gate);
    const source = new Source(5_000);
    const starting = app.client.startMany(Count, kind === 'an iterable' ? source : source.later());
    await eventually(() => expect(source.given).toBe(1_000));
    await app.client.counts(); // Whatever else would be read is read by now.
    expect(source.given).toBe(1_000);
    gate.open();
    expect(await starting).toMatchObject({ started: 5_000 });
  });

  test('what an async iterable gave is started while it makes us wait', async () => {
    const gate = new Gate();
    const starting = (await client()).startMany(Count, new Source(3, () => gate.passed).later());
    await eventually(async () => expect(await stage().queue()).toHaveLength(3));
    gate.open();
    expect(await starting).toMatchObject({ started: 3 });
  });

  test.each(['an iterable', 'an async iterable'])('%s that throws: what it gave before is started', async (kind) => {
    const cause = new RangeError('line 701 cannot be read');
    const source = new Source(700, () => {
      throw cause;
    });
    const error = await cutShort((await client()).startMany(Count, kind === 'an iterable' ? source : source.later()));
    expect(error).toMatchObject({ report: { started: 700 }, inDoubt: [], nextIndex: 700 });
    expect(error.cause).toBe(cause);
    expect(error.message).toMatch(
      /"count" ended early \(line 701 cannot be read\): 700 are started, 0 were refused\. No input from index 700 on/,
    );
    expect(await stage().queue()).toHaveLength(700);
  });

  test('a store that goes away: what is started is counted, what may be is listed, the rest was not sent', async () => {
    const app = await losing(2);
    const source = new Source(5_000);
    const error = await cutShort(app.client.startMany(Count, source));
    expect(error).toMatchObject({ code: 'START_MANY_ENDED_EARLY', report: { started: 500 }, nextIndex: 1_000 });
    expect(error.cause).toBeInstanceOf(StoreUnavailableError);
    expect(error.inDoubt.map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, n) => 500 + n));
    expect((await stage().queue()).slice(500)).toEqual(error.inDoubt.map(({ id }) => id));
    expect(await app.client.restartIfState(error.inDoubt[0]?.id as string, 'WAIT')).toBe('unchanged');
    expect(source.left).toBe(true);
  });

  test('a store that goes away is told at once, though an async iterable makes us wait', async () => {
    const never = new Gate();
    const starting = (await losing(1)).client.startMany(Count, new Source(3, () => never.passed).later());
    const error = await cutShort(starting);
    expect(error.inDoubt).toHaveLength(3);
    never.open();
  });

  test('a store that goes away when the iterable has thrown: the doubt has its cause', async () => {
    const source = new Source(3, () => {
      throw new RangeError('a line cannot be read');
    });
    const error = await cutShort((await losing(1)).client.startMany(Count, source));
    expect(error.cause).toBeInstanceOf(StoreUnavailableError);
    expect(error.inDoubt).toHaveLength(3);
  });

  test('a signal that aborts while inputs are written: those are waited for, and no more are sent', async () => {
    const control = new AbortController();
    const gate = new Gate();
    const source = new Source(5_000);
    const starting = (await holding(gate)).client.startMany(Count, source, { signal: control.signal });
    await eventually(() => expect(source.given).toBe(1_000));
    control.abort(new Error('enough'));
    gate.open();
    const error = await cutShort(starting);
    expect(error).toMatchObject({ report: { started: 500 }, nextIndex: 500, cause: { message: 'enough' } });
    expect(await stage().queue()).toHaveLength(500);
    expect(source.left).toBe(true);
  });

  test('a signal that aborts while an async iterable makes us wait', async () => {
    const control = new AbortController();
    const never = new Gate();
    const source = new Source(3, () => never.passed).later();
    const onStarted = () => control.abort(new Error('enough'));
    const error = await cutShort((await client()).startMany(Count, source, { signal: control.signal, onStarted }));
    expect(error).toMatchObject({ report: { started: 3 }, cause: { message: 'enough' } });
    never.open();
  });

  test('a signal that was aborted before: nothing is read', async () => {
    const source = new Source(3);
    const error = await cutShort((await client()).startMany(Count, source, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ nextIndex: 0, cause: { name: 'AbortError' } });
    expect(source.given).toBe(0);
  });

  test('an app that closes while an async iterable makes us wait', async () => {
    const never = new Gate();
    const app = await stage().app({ tasks: [Count], worker: false });
    const starting = cutShort(app.client.startMany(Count, new Source(3, () => never.passed).later()));
    await eventually(async () => expect(await stage().queue()).toHaveLength(3));
    await stage().closeApp(app);
    expect((await starting).cause).toBeInstanceOf(AppClosedError);
    never.open();
  });

  test('onStarted that throws: what is in the queue is counted', async () => {
    const onStarted = (_handle: unknown, index: number) => {
      if (index === 2) throw new RangeError('no room to note it');
    };
    const error = await cutShort((await client()).startMany(Count, new Source(2_000), { onStarted }));
    expect(error).toMatchObject({ report: { started: 500 }, cause: { message: 'no room to note it' } });
    expect(await stage().queue()).toHaveLength(500);
  });

  test('a promise of onStarted is waited for before more is sent', async () => {
    const gate = new Gate();
    const source = new Source(1_400);
    let told = 0;
    const onStarted = (_handle: unknown, index: number) => {
      told += 1;
      return index === 499 ? gate.passed : undefined;
    };
    const starting = (await client()).startMany(Count, source, { onStarted });
    await eventually(() => expect([told, source.given]).toEqual([500, 1_000]));
    expect(await stage().queue()).toHaveLength(500);
    gate.open();
    expect(await starting).toMatchObject({ started: 1_400 });
  });

  test('others get their turn, though an endless iterable gives nothing to be written', async () => {
    const control = new AbortController();
    const endless = (function* () {
      for (;;) yield BAD;
    })();
    setImmediate(() => control.abort());
    const error = await cutShort((await client()).startMany(Count, endless, { signal: control.signal }));
    expect(error.report.refused).toHaveLength(100);
  });
});
