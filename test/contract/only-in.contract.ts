import type { ControlReply } from '../../src/task/control';
import type { TaskState } from '../../src/task/state';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS } from './bench';

const VERBS = ['requestStop', 'restart', 'remove'] as const;

/** A task that has left the states in which something was to be done to it is not touched. */
export function describeOnlyIn(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  describe.each(VERBS)('%s, only in some states', (verb) => {
    const call = (id: string, onlyIn: readonly TaskState[]): Promise<ControlReply> => bench().store[verb](id, onlyIn);

    test('leaves a task in another one alone', async () => {
      await bench().begin('runs');
      await bench().end('ended', 'ERROR');
      await bench().enqueue('waits');
      await bench().enqueue('later', { due: { inMs: LONG_MS } });
      const ids = ['runs', 'ended', 'waits', 'later'];
      const before = await Promise.all(ids.map((id) => bench().hash(id)));
      for (const id of ids) expect(await call(id, ['STOPPED'])).toBe('unchanged');
      expect(await call('runs', ['WAIT', 'ERROR'])).toBe('unchanged');
      expect(await call('ended', [])).toBe('unchanged');
      expect(await Promise.all(ids.map((id) => bench().hash(id)))).toEqual(before);
      expect(await bench().reader.counts()).toMatchObject({ waiting: 1, delayed: 1 });
    });

    test('says that one does not exist', async () => {
      expect(await call('none', ['WAIT'])).toBe('missing');
    });

    test('acts on one that is in it', async () => {
      await bench().begin('runs');
      expect(await call('runs', ['ERROR', 'RUNNING'])).toBe('requested');
    });
  });
}
