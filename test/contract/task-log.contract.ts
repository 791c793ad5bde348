import { encodeEvent } from '../../src/task/event';
import { encodeLogLine, type TaskLogLine } from '../../src/task/log-line';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask, outcome } from './bench';

const MOST = 200;

/** What becomes of the log that a task has of its own. */
export function describeTaskLog(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function messages(id: string, limit = 1_000): Promise<string[]> {
    return (await bench().reader.log(id, limit)).map(({ message }) => message);
  }

  /** Runs task `a`, which logs one line. */
  async function beginLogging(task = {}) {
    const run = await bench().begin('a', {}, task);
    await bench().store.appendLog(run.lease, textOf('one'), MOST);
    return run;
  }

  /** What stands on the wire, whoever may see it. */
  const stored = () => bench().raw.lrange(bench().keys.log('a'));

  test('lines are told as they were logged, the oldest first', async () => {
    const { lease } = await bench().begin('a');
    const lines = [lineOf('one', { n: 1 }), lineOf('two', { url: 'http://localhost/' }), lineOf('three')];
    const appended = lines.map((line) => bench().store.appendLog(lease, encodeLogLine(line), MOST));
    expect(await Promise.all(appended)).toEqual([true, true, true]);
    expect(await bench().reader.log('a', 10)).toEqual(lines);
    expect(await messages('a', 2)).toEqual(['two', 'three']);
    expect(await messages('a', 0)).toEqual([]);
  });

  test('where nothing was logged, or nothing is, there are no lines', async () => {
    await bench().begin('a');
    expect(await messages('a')).toEqual([]);
    expect(await messages('missing')).toEqual([]);
  });

  test('only the last lines are kept, of one moment or of many', async () => {
    const { lease } = await bench().begin('a');
    for (const from of [0, 10]) {
      const batch = Array.from({ length: 10 }, (_, place) => textOf(String(from + place)));
      await Promise.all(batch.map((text) => bench().store.appendLog(lease, text, 3)));
      expect(await messages('a')).toEqual([7, 8, 9].map((place) => String(from + place)));
    }
    await bench().store.appendLog(lease, textOf('last'), 3);
    expect(await messages('a')).toEqual(['18', '19', 'last']);
    expect(await stored()).toHaveLength(3);
  });

  test('each of many tasks has its own', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `many-${n}`);
    await bench().store.enqueue(ids.map((id) => newTask(id)));
    const taken = (await bench().take({ limit: 300 })).ids;
    const runs = await bench().open(taken);
    await Promise.all(
      runs.map((run) => run.kind === 'run' && bench().store.appendLog(run.lease, textOf(run.lease.id), MOST)),
    );
    const logs = await Promise.all(ids.map((id) => messages(id)));
    expect(logs).toEqual(ids.map((id) => [id]));
  });

  test('what was logged just before an end is kept, whatever it is', async () => {
    const ends = [
      (run: Run) => bench().store.finish(run.lease, outcome('SUCCESS')),
      (run: Run) => bench().store.settleStop(run.lease),
      (run: Run) => bench().store.requeue([run.lease]),
      (run: Run) => bench().store.reopen('w1', run.lease, LONG_MS),
      (run: Run) => bench().store.retry(run.lease, { delayMs: 0, error: 'x', event: encodeEvent('retry', null) }),
    ];
    for (const [place, end] of ends.entries()) {
      const id = `end-${place}`;
      // Another run's end is under way in the same turn.
      const [other, run] = [await bench().begin(`other-${place}`), await bench().begin(id)];
      const otherEnds = bench().store.finish(other.lease, outcome('SUCCESS'));
      const appended = bench().store.appendLog(run.lease, textOf('last'), MOST);
      await Promise.all([otherEnds, end(run), appended]);
      expect([place, await messages(id)]).toEqual([place, ['last']]);
      for (const left of await bench().queue()) await bench().store.remove(left);
      await bench().take();
    }
  });

  test('what is logged after the end is refused', async () => {
    const { lease } = await beginLogging();
    await bench().store.finish(lease, outcome('SUCCESS'));
    expect(await bench().store.appendLog(lease, textOf('late'), MOST)).toBe(false);
    expect(await messages('a')).toEqual(['one']);
  });

  test('a run that follows goes on in the same log', async () => {
    const first = await beginLogging();
    await bench().store.finish(first.lease, outcome('ERROR'));
    await bench().store.restart('a');
    const second = await bench().beginNext();
    await bench().store.appendLog(second.lease, textOf('two'), MOST);
    await bench().store.requeue([second.lease]);
    const third = await bench().beginNext({ worker: 'w2' });
    await bench().store.appendLog(third.lease, textOf('three'), MOST);
    expect(await messages('a')).toEqual(['one', 'two', 'three']);
  });

  test('a new task of the same id begins a log of its own', async () => {
    await bench().store.finish((await beginLogging()).lease, outcome('SUCCESS'));
    await bench().enqueue('a');
    expect(await messages('a')).toEqual([]);
    const { lease } = await bench().beginNext();
    await bench().store.appendLog(lease, textOf('new'), MOST);
    expect(await messages('a')).toEqual(['new']);
  });

  describe('goes with its task', () => {
    const removals: readonly [string, (run: Run) => Promise<unknown>][] = [
      [
        'removed while it ran, when it ends',
        async ({ lease }) => {
          await bench().store.remove('a');
          await bench().store.finish(lease, outcome('SUCCESS'));
        },
      ],
      [
        'removed while it ran, when it is stopped',
        async ({ lease }) => {
          await bench().store.remove('a');
          await bench().store.settleStop(lease);
        },
      ],
      [
        'removed while it ran, when it fails',
        async ({ lease }) => {
          await bench().store.remove('a');
          await bench().store.retry(lease, { delayMs: 0, error: 'x', event: encodeEvent('retry', null) });
        },
      ],
      [
        'removed after its end',
        async ({ lease }) => {
          await bench().store.finish(lease, outcome('SUCCESS'));
          await bench().store.remove('a');
        },
      ],
      [
        'kept for no time',
        async ({ lease }) => {
          await bench().store.finish(lease, outcome('SUCCESS'));
          await bench().settleEnded(['a'], 0);
        },
      ],
      [
        'drained with its queue',
        async ({ lease }) => {
          await bench().store.requeue([lease]);
          while ((await bench().store.drainQueue('default', 'd', false)).more);
        },
      ],
      [
        'removed by the monitor, as its worker died',
        async () => {
          await bench().store.remove('a');
          await bench().age('a');
          await bench().store.reap(LONG_MS);
        },
      ],
      ['local, and its worker leaves', ({ lease }) => bench().store.discardLocal(lease)],
    ];

    test.each(removals)('%s', async (_how, remove) => {
      await remove(await beginLogging());
      expect(await bench().hash('a')).not.toHaveProperty('task');
      expect(await stored()).toEqual([]);
      expect(await messages('a')).toEqual([]);
    });

    test('when its retention has passed', async () => {
      await bench().store.finish((await beginLogging()).lease, outcome('SUCCESS'));
      await bench().settleEnded(['a'], 1);
      await eventually(async () => expect(await stored()).toEqual([]));
      expect(await messages('a')).toEqual([]);
    });

    test.each([LONG_MS, Number.POSITIVE_INFINITY])('and not before: %d', async (keepMs) => {
      await bench().store.finish((await beginLogging()).lease, outcome('ERROR'));
      await bench().settleEnded(['a'], keepMs);
      expect(await messages('a')).toEqual(['one']);
    });
  });

  test('of a local task it is kept as well', async () => {
    const { lease } = await bench().store.openLocal('w1', newTask('local'), LONG_MS);
    await bench().store.appendLog(lease, textOf('one'), MOST);
    expect(await messages('local')).toEqual(['one']);
  });

  test('foreign lines that are none are passed over', async () => {
    await beginLogging();
    await bench().raw.rpush(bench().keys.log('a'), 'hello', '', '{', '7', 'null', '{"msg":"no time"}');
    await bench().raw.rpush(bench().keys.log('a'), '{"time":7,"level":"warn","msg":"from outside"}');
    expect((await bench().reader.log('a', 10)).slice(1)).toEqual([
      { timeMs: 7, level: 'warn', message: 'from outside', attempt: 0, fields: {} },
    ]);
  });

  test('what is left of a task whose hash somebody deleted is told to nobody', async () => {
    await beginLogging();
    await bench().raw.del(bench().keys.task('a'));
    expect(await messages('a')).toEqual([]);
    const { lease } = await bench().begin('a');
    expect(await messages('a')).toEqual([]);
    await bench().store.appendLog(lease, textOf('new'), MOST);
    expect(await messages('a')).toEqual(['new']);
  });
}

type Run = Awaited<ReturnType<Bench['begin']>>;

function lineOf(message: string, fields = {}): TaskLogLine {
  return { timeMs: 1_795_000_000_000, level: 'info', message, attempt: 1, fields };
}

function textOf(message: string): string {
  return encodeLogLine(lineOf(message));
}
