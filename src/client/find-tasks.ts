import type { TaskQuery } from '../store/task-query';
import type { TaskReader } from '../store/task-reader';
import type { TaskRecord } from '../task/record';

/** So many records are read at once: they travel together, and Redis serves others between. */
const AT_ONCE = 100;

/** The records of all tasks that match, read as they are asked for. */
export async function* listTasks(reader: TaskReader, query: TaskQuery): AsyncGenerator<TaskRecord, void> {
  for await (const { ids } of reader.find(query)) {
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      for (const record of await reader.get(ids.slice(start, start + AT_ONCE))) {
        // It may have ended since it was found, or have gone.
        if (record && (query.states?.includes(record.state) ?? true)) yield record;
      }
    }
  }
}

export async function countTasks(reader: Pick<TaskReader, 'find'>, query: TaskQuery): Promise<number> {
  let count = 0;
  for await (const { ids } of reader.find(query)) count += ids.length;
  return count;
}
