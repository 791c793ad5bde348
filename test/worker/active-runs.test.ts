import { ActiveRuns } from '../../src/worker/active-runs';
import type { TaskRun } from '../../src/worker/run-task';

const run = (name: string) => ({ name }) as unknown as TaskRun;

describe('the active runs', () => {
  test('are found by the id of their task, in the order in which they began', () => {
    const runs = new ActiveRuns();
    const [a, b, c, again] = ['a', 'b', 'c', 'again'].map(run) as [TaskRun, TaskRun, TaskRun, TaskRun];
    runs.set('2', a);
    runs.set('1', b);
    runs.set('__proto__', c);
    expect(runs.list()).toEqual([a, b, c]);
    runs.set('1', again);
    expect(runs.list()).toEqual([a, again, c]);
    expect([runs.get('1'), runs.get('__proto__'), runs.get('toString')]).toEqual([again, c, undefined]);
  });

  test('that are taken out leave their place to others', () => {
    const runs = new ActiveRuns();
    const [a, b, c] = ['a', 'b', 'c'].map(run) as [TaskRun, TaskRun, TaskRun];
    runs.set('a', a);
    runs.set('b', b);
    runs.delete('a');
    runs.delete('a');
    runs.set('c', c);
    runs.set('a', a);
    expect(runs.list()).toEqual([b, c, a]);
    expect([runs.has('a'), runs.has('d')]).toEqual([true, false]);
  });
});
