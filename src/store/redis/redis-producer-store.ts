import type { IdSource } from '../../ids';
import type { ControlReply } from '../../task/control';
import type { TaskKeys } from '../../task/keys';
import { TASK_STATES, type TaskState } from '../../task/state';
import type { NewTask, ProducerStore } from '../producer-store';
import { Batcher } from './batcher';
import { leaveIndex } from './leave-index';
import { pushBack } from './push-back';
import type { RedisConnection } from './redis-connection';
import { enqueue } from './scripts/enqueue';
import { remove } from './scripts/remove';
import { requestReload } from './scripts/request-reload';
import { requestStop } from './scripts/request-stop';
import { ENQUEUED, restart } from './scripts/restart';
import { setData } from './scripts/set-data';

export class RedisProducerStore implements ProducerStore {
  private readonly enqueuing = new Batcher<NewTask, boolean>((tasks) => this.write(tasks));

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly ids: IdSource,
  ) {}

  enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return Promise.all(tasks.map((task) => this.enqueuing.add(task)));
  }

  async setData(id: string, data: string): Promise<boolean> {
    return (await setData.run(this.redis, { key: this.keys.task(id) }, { data })) === 1;
  }

  async requestStop(id: string): Promise<ControlReply> {
    const reply = await requestStop.run(this.redis, { key: this.keys.task(id) }, { control: this.keys.control(id) });
    // A stopped task stays in the active set, whatever it was stopped from.
    if (reply === 'done') await this.redis.call((client) => client.sadd(this.keys.taskSet, id));
    return reply;
  }

  requestReload(id: string): Promise<ControlReply> {
    return requestReload.run(this.redis, { key: this.keys.task(id) }, { control: this.keys.control(id) });
  }

  async restart(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const args = { control: this.keys.control(id), token: `restart:${this.ids.next()}` };
    const [reply, token] = await restart.run(this.redis, { key: this.keys.task(id) }, args, onlyIn);
    if (token === '' || (token === ENQUEUED && (await this.hasPlace(id)))) return reply;
    await pushBack(this.redis, this.keys, { id, token }, 'end');
    return reply;
  }

  async remove(id: string): Promise<ControlReply> {
    const reply = await remove.run(this.redis, { key: this.keys.task(id) }, { control: this.keys.control(id) });
    if (reply === 'done') await leaveIndex(this.redis, this.keys, [{ id, stays: false, latestMs: 0 }]);
    return reply;
  }

  /** Looks through the queue: only for a task that may have lost its place between its hash and its push. */
  private async hasPlace(id: string): Promise<boolean> {
    const queue = this.keys.newQueue;
    const places = await this.redis.call((client) =>
      Promise.all([client.lpos(queue, id), client.zscore(this.keys.delayed(queue), id)]),
    );
    return places.some((place) => place !== null);
  }

  /** The hash before the id: who finds an id in the queue finds a task. */
  private async write(tasks: readonly NewTask[]): Promise<boolean[]> {
    const rows = tasks.map(({ id, name, data, cleanup }) => ({
      key: this.keys.task(id),
      name,
      data,
      cleanup: String(cleanup),
    }));
    const replies = await enqueue.run(this.redis, rows, {});
    const accepted = tasks.filter((_, position) => replies[position] === 1).map((task) => task.id);
    if (accepted.length > 0) await this.redis.call((client) => client.lpush(this.keys.newQueue, ...accepted));
    return replies.map((reply) => reply === 1);
  }
}
