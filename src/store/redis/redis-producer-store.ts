import type { IdSource } from '../../ids';
import type { ControlReply } from '../../task/control';
import type { Due } from '../../task/due';
import type { TaskKeys } from '../../task/keys';
import { TASK_STATES, type TaskState } from '../../task/state';
import type { NewTask, ProducerStore } from '../producer-store';
import type { ControlStep } from './control-step';
import { LeaseIndex } from './lease-index';
import { pushBack } from './push-back';
import type { RedisConnection } from './redis-connection';
import { dueArg, RedisEnqueuer } from './redis-enqueuer';
import { unconfirmed } from './replicas';
import { remove } from './scripts/remove';
import { requestReload } from './scripts/request-reload';
import { requestStop } from './scripts/request-stop';
import { reschedule } from './scripts/reschedule';
import { restart } from './scripts/restart';
import { setData } from './scripts/set-data';
import { setDue } from './scripts/set-due';

/** Stands for the token of a task that waits since it was enqueued: no run has given it one. */
const ENQUEUED = 'enqueued';
/** How long a push may take before the monitor looks after it. */
const PUSH_MS = 10_000;

/** What a script that controls a task may ask for first. */
interface StepsDone {
  readonly listed: 0 | 1;
  /** 1: it has no place any more. */
  readonly withdrawn: 0 | 1;
  /** The time that it waited for then; empty: not tried. */
  readonly due: string;
}

export class RedisProducerStore implements ProducerStore {
  private readonly index: LeaseIndex;
  private readonly enqueuer: RedisEnqueuer;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly ids: IdSource,
  ) {
    this.index = new LeaseIndex(redis, keys);
    this.enqueuer = new RedisEnqueuer(redis, keys);
  }

  enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return this.enqueuer.enqueue(tasks);
  }

  confirmReplicated(ids: readonly string[], withinMs: number): Promise<string[]> {
    return unconfirmed(this.redis, this.keys, ids, withinMs);
  }

  async setData(id: string, data: string): Promise<boolean> {
    return (await setData.run(this.redis, { key: this.keys.task(id) }, { data })) === 1;
  }

  requestStop(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const { key, control } = this.keysOf(id);
    return this.inSteps(
      id,
      (done) => requestStop.run(this.redis, { key }, { control, ...done }, onlyIn),
      // A stopped task is in the active set, whatever it was stopped from.
      () => this.redis.call((client) => client.sadd(this.keys.taskSet, id)),
    );
  }

  requestReload(id: string): Promise<ControlReply> {
    return requestReload.run(this.redis, { key: this.keys.task(id) }, { control: this.keys.control(id) });
  }

  async restart(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const { key, control } = this.keysOf(id);
    const token = `restart:${this.ids.next()}`;
    const call = (listed: 0 | 1) => restart.run(this.redis, { key }, { control, token, listed }, onlyIn);
    let [reply, detail = ''] = await call(0);
    if (reply === 'unlisted') {
      // Where the monitor looks, should this process die before the push.
      await this.index.enter([id], PUSH_MS);
      [reply, detail = ''] = await call(1);
    }
    if (reply === 'done') await this.push(id, token, 'end');
    if (reply === 'owed') await this.push(id, detail, 'head');
    if (reply === 'enqueued') await this.mendLostPlace(id, call);
    return isOfControl(reply) ? reply : 'unchanged';
  }

  async reschedule(id: string, due: Due): Promise<ControlReply> {
    const { newQueue } = this.keys;
    const args = { wake: this.keys.wake(newQueue), due: dueArg(due), id };
    const dueText = await reschedule.run(this.redis, { delayed: this.keys.delayed(newQueue) }, args);
    if (dueText !== 0) await setDue.run(this.redis, { key: this.keys.task(id) }, { due: dueText });
    if (dueText !== 0) return 'done';
    return (await this.redis.call((client) => client.exists(this.keys.task(id)))) === 1 ? 'unchanged' : 'missing';
  }

  async remove(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const { key, control } = this.keysOf(id);
    const reply = await this.inSteps(id, ({ withdrawn, due }) =>
      remove.run(this.redis, { key }, { control, withdrawn, due }, onlyIn),
    );
    if (reply === 'done') await this.index.leave([{ id, stays: false, latestMs: 0 }]);
    return reply;
  }

  /** Calls a script until nothing comes first any more. */
  private async inSteps(
    id: string,
    call: (done: StepsDone) => Promise<ControlStep>,
    list: () => Promise<unknown> = async () => {},
  ): Promise<ControlReply> {
    let done: StepsDone = { listed: 0, withdrawn: 0, due: '' };
    for (;;) {
      const [reply, token = ''] = await call(done);
      if (reply === 'owed') {
        await this.push(id, token, 'head');
      } else if (reply === 'unlisted') {
        await list();
        done = { ...done, listed: 1 };
      } else if (reply === 'delayed') {
        done = { ...done, withdrawn: (await this.withdraw(id)) ? 1 : 0, due: token };
      } else {
        return reply as ControlReply;
      }
    }
  }

  /** Takes an id out of where it waits for its time; answers whether it has no place any more. */
  private async withdraw(id: string): Promise<boolean> {
    const delayed = this.keys.delayed(this.keys.newQueue);
    const take = async () => (await this.redis.call((client) => client.zrem(delayed, id))) === 1;
    // If it was not there, it is in the queue by now; or an earlier call took it out, and its reply was lost; or it comes just
    // now: an id has one place there at most, so none may be left there to be skipped.
    return (await take()) || !(await this.hasPlace(id)) || take();
  }

  /** Puts a task back that waits for its first run, or for its time, if its place was lost. */
  private async mendLostPlace(id: string, call: (listed: 0 | 1) => Promise<ControlStep>): Promise<void> {
    if (await this.hasPlace(id)) return;
    // Asked again: it may have left its place, and have begun, while they were looked through.
    const [reply, since = ''] = await call(0);
    // Started again under the same id it may lose its push again: each has a mark of its own.
    if (reply === 'enqueued') await this.push(id, `${ENQUEUED}:${since}`, 'end');
  }

  private async push(id: string, token: string, place: 'head' | 'end'): Promise<void> {
    await pushBack(this.redis, this.keys, [{ id, token }], place);
  }

  private keysOf(id: string) {
    return { key: this.keys.task(id), control: this.keys.control(id) };
  }

  /**
   * Looks through the queue from its head, and then the inboxes, as ids move from there to here: only for a task that may have lost its
   * place between its hash and its push.
   */
  private async hasPlace(id: string): Promise<boolean> {
    const queue = this.keys.newQueue;
    const isQueued = async () => {
      const places = await this.redis.call((client) =>
        Promise.all([client.lpos(queue, id, 'RANK', -1), client.zscore(this.keys.delayed(queue), id)]),
      );
      return places.some((place) => place !== null);
    };
    if (await isQueued()) return true;
    const taken = await this.redis.call(async (client) => {
      const workers = await client.zrange(this.keys.workers(queue), '0', '-1');
      return Promise.all(workers.map((worker) => client.lpos(this.keys.inbox(queue, worker), id)));
    });
    // And once more: it may have been handed back in the meantime.
    return taken.some((place) => place !== null) || isQueued();
  }
}

/** Whether it says what became of the request, and not what comes first. */
function isOfControl(reply: ControlStep[0]): reply is ControlReply {
  return !['owed', 'unlisted', 'delayed', 'enqueued'].includes(reply);
}
