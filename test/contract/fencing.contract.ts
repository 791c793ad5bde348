import type { TaskStore } from '../../src/store/task-store';
import type { Lease } from '../../src/store/worker-store';
import { encodeEvent } from '../../src/task/event';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, outcome } from './bench';

/** Every write of a run, and what it answers when it is refused. */
const WRITES: readonly [name: string, write: (store: TaskStore, lease: Lease) => Promise<unknown>, refused: unknown][] =
  [
    ['heartbeat', (store, lease) => store.heartbeat([lease], LONG_MS), [{ lost: true }]],
    ['emit', (store, lease) => store.emit(lease, encodeEvent('late', null), '1'), false],
    ['appendLog', (store, lease) => store.appendLog(lease, '{}', 200), false],
    ['rejectReload', (store, lease) => store.rejectReload(lease, encodeEvent('late', null)), false],
    ['finish', (store, lease) => store.finish(lease, outcome('SUCCESS')), false],
    ['settleStop', (store, lease) => store.settleStop(lease), 'lost'],
    ['requeue', (store, lease) => store.requeue([lease]), ['lost']],
    ['discardLocal', (store, lease) => store.discardLocal(lease), false],
    ['reopen', (store, lease) => store.reopen('w1', lease, LONG_MS), undefined],
  ];

/** The ways in which a run loses its lease while it knows nothing of it. */
const LOSSES: readonly [what: string, lose: (bench: Bench, lease: Lease) => Promise<unknown>][] = [
  [
    'a foreign monitor set it to wait, and another worker runs it',
    async (bench) => {
      await bench.raw.hset(bench.keys.task('a'), { state: 'WAIT' });
      await bench.raw.lpush(bench.keys.newQueue, 'a');
      await bench.beginNext({ worker: 'w2' });
    },
  ],
  [
    'a foreign monitor set it to wait',
    async (bench) => {
      await bench.raw.hset(bench.keys.task('a'), { state: 'WAIT' });
    },
  ],
  [
    'a foreign worker, which writes no lease, runs it',
    (bench) => bench.raw.hset(bench.keys.task('a'), { state: 'RUNNING', last_update: '1795499097.8721018' }),
  ],
  [
    'our monitor took it for dead',
    async (bench) => {
      await bench.age('a');
      await bench.store.reap(LONG_MS);
    },
  ],
  ['its hash was deleted', (bench) => bench.raw.del(bench.keys.task('a'))],
  [
    'its hash was deleted and made again, and the same worker runs it',
    async (bench) => {
      await bench.raw.del(bench.keys.task('a'));
      await bench.begin('a');
    },
  ],
  ['it ended', (bench, lease) => bench.store.finish(lease, outcome('ERROR'))],
  ['it was stopped', (bench, lease) => bench.store.settleStop(lease)],
];

export function describeFencing(makeBackend: MakeBackend): void {
  describe.each(LOSSES)('a run whose lease is lost: %s', (_what, lose) => {
    const bench = Bench.use(makeBackend);

    test.each(WRITES)('%s is refused, and changes nothing', async (_name, write, refused) => {
      const { lease } = await bench().begin('a');
      await lose(bench(), lease);
      const before = await snapshot(bench());
      expect(await write(bench().store, lease)).toEqual(refused);
      expect(await snapshot(bench())).toEqual(before);
    });
  });

  describe('a run whose lease is lost', () => {
    const bench = Bench.use(makeBackend);

    test('publishes nothing', async () => {
      const { lease } = await bench().begin('a');
      await bench().raw.hset(bench().keys.task('a'), { lease: 'another' });
      for (const [, write] of WRITES) await write(bench().store, lease);
      await bench().expectEvents('a', ['start', expect.anything()]);
    });

    test('does not take away what another run of the task holds', async () => {
      const { lease } = await bench().begin('a');
      await bench().raw.hset(bench().keys.task('a'), { state: 'WAIT' });
      await bench().raw.lpush(bench().keys.newQueue, 'a');
      const taken = await bench().beginNext({ worker: 'w2' });
      for (const [, write] of WRITES) await write(bench().store, lease);
      expect(await bench().store.finish(taken.lease, outcome('SUCCESS'))).toBe(true);
      expect(await bench().endQueue()).toEqual(['a']);
    });
  });
}

async function snapshot(bench: Bench): Promise<unknown> {
  return {
    hash: await bench.hash('a'),
    queue: await bench.queue(),
    endQueue: await bench.endQueue(),
    active: await bench.active(),
    log: await bench.raw.lrange(bench.keys.log('a')),
  };
}
