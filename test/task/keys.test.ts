import calculateSlot from 'cluster-key-slot';
import { assertUsableId, TaskKeys } from '../../src/task/keys';

describe('task keys', () => {
  const keys = new TaskKeys();
  const tagged = new TaskKeys({
    taskPrefix: '{app}:task-',
    taskSet: '{app}:tasks',
    newQueue: '{app}:new',
    endQueue: '{app}:end',
  });

  test.each(['', 'a{b', 'a}b', 'x-control', 'é'.repeat(257), 7])('an id such as %p is refused', (id) => {
    expect(() => assertUsableId(id)).toThrow(expect.objectContaining({ code: 'TASK_ID_INVALID' }));
  });

  test('a name that brings its own hash tag keeps it', () => {
    expect(tagged.inbox(tagged.newQueue, 'w1')).toBe('{app}:new:inbox:w1');
    expect(keys.inbox(keys.newQueue, 'w1')).toBe('{new-task}:inbox:w1');
  });

  test('what keeps a key unique, and a log, is never taken for a task, whatever the names', () => {
    const names = { taskPrefix: 'task-', taskSet: 'tasks', newQueue: 'new-task', endQueue: 'end-task' };
    for (const taskPrefix of ['task-', 'new-', '', '{app}task-']) {
      const odd = new TaskKeys({ ...names, taskPrefix });
      expect(odd.taskId(odd.unique('hash'))).toBeUndefined();
      expect(odd.taskId(odd.staged('abc', 'token'))).toBeUndefined();
      expect(odd.taskId(odd.log('abc'))).toBeUndefined();
      expect(odd.taskId(odd.task('abc'))).toBe('abc');
      expect(odd.taskId(odd.task('abc:log'))).toBe('abc:log');
    }
  });

  test('the log of a task is the key of no other task', () => {
    expect(keys.log('abc')).toBe('{task-abc}:log');
    expect(tagged.log('abc')).toBe('{app}:task-abc:{log}');
  });

  test('a staged task, and a log, is in the cluster slot of its hash', () => {
    for (const one of [keys, tagged]) {
      expect(calculateSlot(one.log('abc'))).toBe(calculateSlot(one.task('abc')));
      expect(calculateSlot(one.staged('abc', 'token'))).toBe(calculateSlot(one.task('abc')));
    }
  });

  test('a control channel is not taken for an event channel', () => {
    expect(keys.eventTaskId('task-abc-control')).toBeUndefined();
    expect(keys.eventTaskId('task-abc')).toBe('abc');
    expect(keys.controlTaskId('task-abc-control')).toBe('abc');
  });
});
