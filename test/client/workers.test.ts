import { Task, TaskContext } from '../../src';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('endless')
class Endless {
  async start(task: TaskContext): Promise<void> {
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  }
}

describe.each(PLACES)('the workers, on %s', (place) => {
  const stage = Stage.use(place);

  test('are told with what they take from and run, until they leave', async () => {
    const app = await stage().app({ tasks: [Endless], monitor: {}, worker: { queues: ['default', 'mail'] } });
    for (const id of ['a', 'b']) await app.client.start(Endless, undefined, { id, queue: 'mail' });
    const onlooker = await stage().app({ worker: false });
    const worker = await eventually(async () => {
      const [one, ...others] = await onlooker.client.workers();
      // The monitor is not counted, and tells that the worker is alive.
      expect(one).toMatchObject({ queues: ['default', 'mail'], taken: 0, running: 2, seenMs: expect.any(Number) });
      expect(others).toEqual([]);
      return one;
    });
    const [bare] = await onlooker.client.workers({ runs: false });
    expect(bare).toMatchObject({ id: worker?.id, running: undefined, seenMs: undefined });
    expect(await onlooker.client.get('a')).toMatchObject({ worker: worker?.id });
    await stage().closeApp(app);
    expect(await onlooker.client.workers()).toEqual([]);
  });

  test.each([
    [{ run: false }, 'did you mean "runs"?'],
    [{ runs: 'no' }, 'workers: runs is "no": give true or false.'],
  ])('are not told by %j, which is refused', async (options, message) => {
    const { client } = await stage().app({ worker: false });
    await expect(client.workers(options as never)).rejects.toThrow(message);
  });
});
