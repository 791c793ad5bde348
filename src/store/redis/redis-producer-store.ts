import type { IdSource } from '../../ids';
import type { ControlReply } from '../../task/control';
import type { Due } from '../../task/due';
import type { TaskKeys } from '../../task/keys';
import { TASK_STATES, type TaskState } from '../../task/state';
import type { NewTask, ProducerStore } from '../producer-store';
import type { UniqueClaim, UniqueReply } from '../unique';
import type { ControlStep } from './control-step';
import { LeaseIndex } from './lease-index';
import { type OwedPush, pushBack } from './push-back';
import { putOff } from './put-off';
import type { RedisConnection } from './redis-connection';
import { RedisEnqueuer } from './redis-enqueuer';
import { RedisLanes } from './redis-lanes';
import { unconfirmed } from './replicas';
import { remove } from './scripts/remove';
import { requestReload } from './scripts/request-reload';
import { requestStop } from './scripts/request-stop';
import { restart } from './scripts/restart';
import { setData } from './scripts/set-data';
import { setDue } from './scripts/set-due';
import { withdraw } from './scripts/withdraw';
import { type OverReply, settleBeside } from './settle-beside';
import { UniqueEnqueuer } from './unique-enqueuer';

/** Stands for the token of a task that waits since it was enqueued: no run has given it one. */
const ENQUEUED = 'enqueued';
/** How long a push may take before the monitor looks after it. */
const PUSH_MS = 10_000;

/** What a script that controls a task may ask for first. */
interface StepsDone {
  readonly listed: 0 | 1;
  /** 1: it has no place any more. */
  readonly withdrawn: 0 | 1;
  /** For what it waited there; empty: not tried. */
  readonly beside: string;
  /** From which queue, as the hash named it then. */
  readonly from: string;
}

export class RedisProducerStore implements ProducerStore {
  private readonly index: LeaseIndex;
  private readonly enqueuer: RedisEnqueuer;
  private readonly lanes: RedisLanes;
  private readonly uniques: UniqueEnqueuer;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly ids: IdSource,
  ) {
    this.index = new LeaseIndex(redis, keys);
    this.enqueuer = new RedisEnqueuer(redis, keys);
    this.lanes = new RedisLanes(redis, keys);
    this.uniques = new UniqueEnqueuer(redis, keys, ids);
  }

  enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return this.enqueuer.enqueue(tasks);
  }

  enqueueUnique(task: NewTask, claim: UniqueClaim): Promise<UniqueReply> {
    return this.uniques.enqueue(task, claim);
  }

  confirmReplicated(ids: readonly string[], withinMs: number, queue?: string): Promise<string[]> {
    return unconfirmed(this.redis, this.keys, { ids, queue }, withinMs);
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
    let [reply, ...place] = await call(0);
    if (reply === 'unlisted') {
      // Where the monitor looks, should this process die before the push.
      await this.index.enter([id], PUSH_MS);
      [reply, ...place] = await call(1);
    }
    const [queue, priority, owed = ''] = place;
    if (reply === 'done') await this.push({ id, token, queue, priority }, 'end');
    if (reply === 'owed') await this.push({ id, token: owed, queue, priority }, 'head');
    if (reply === 'enqueued') await this.mendLostPlace(id, queue, call);
    return isOfControl(reply) ? reply : 'unchanged';
  }

  async reschedule(id: string, due: Due): Promise<ControlReply> {
    const key = this.keys.task(id);
    const [task, name] = await this.redis.call((client) => client.hmget(key, 'task', 'queue'));
    if (task === null) return 'missing';
    const dueText = await putOff(this.redis, this.keys, { id, due }, name);
    if (dueText === 0) return 'unchanged';
    await setDue.run(this.redis, { key }, { due: dueText });
    return 'done';
  }

  async remove(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const { key, control } = this.keysOf(id);
    let over: OverReply = 0;
    const reply = await this.inSteps(id, async ({ withdrawn, beside, from }) => {
      const step = await remove.run(this.redis, { key }, { control, withdrawn, beside, from }, onlyIn);
      if (step[0] === 'done') over = overReply(step[3], step[4]);
      return step;
    });
    // A restart has entered it for that long, and no run had it since.
    if (reply === 'done') await this.index.leave([{ id, stays: false, latestMs: -PUSH_MS }]);
    await settleBeside(this.redis, this.keys, [id], [over]);
    return reply;
  }

  /** Calls a script until nothing comes first any more. */
  private async inSteps(
    id: string,
    call: (done: StepsDone) => Promise<ControlStep>,
    list: () => Promise<unknown> = async () => {},
  ): Promise<ControlReply> {
    let done: StepsDone = { listed: 0, withdrawn: 0, beside: '', from: '' };
    for (;;) {
      const [reply, queue, priority, token = ''] = await call(done);
      if (reply === 'owed') {
        await this.push({ id, token, queue, priority }, 'head');
      } else if (reply === 'unlisted') {
        await list();
        done = { ...done, listed: 1 };
      } else if (reply === 'waits beside') {
        done = { ...done, withdrawn: (await this.withdraw(id, queue)) ? 1 : 0, beside: token, from: queue };
      } else {
        return reply as ControlReply;
      }
    }
  }

  /** Takes an id out of where it waits for its time, or by its priority; answers whether it has no place any more. */
  private async withdraw(id: string, queueName: string): Promise<boolean> {
    const queue = this.keys.queue(queueName);
    const keys = {
      delayed: this.keys.delayed(queue),
      levels: this.keys.levels(queue),
      prioritized: this.keys.prioritized(queue),
    };
    const take = async () => (await withdraw.run(this.redis, keys, { id })) > 0;
    // If it was not there, it is in the queue by now; or an earlier call took it out, and its reply was lost; or it comes just
    // now: an id has one place there at most, so none may be left there to be skipped.
    return (await take()) || !(await this.hasPlace(id, queueName)) || take();
  }

  /** Puts a task back that waits for its first run, or for its time, if its place was lost. */
  private async mendLostPlace(
    id: string,
    queueName: string,
    call: (listed: 0 | 1) => Promise<ControlStep>,
  ): Promise<void> {
    if (await this.hasPlace(id, queueName)) return;
    // Asked again: it may have left its place, and have begun, while they were looked through.
    const [reply, queue, priority, since = ''] = await call(0);
    // Started again under the same id it may lose its push again: each has a mark of its own.
    if (reply === 'enqueued') await this.push({ id, token: `${ENQUEUED}:${since}`, queue, priority }, 'end');
  }

  private async push(owed: OwedPush, place: 'head' | 'end'): Promise<void> {
    await pushBack(this.redis, this.keys, [owed], place);
  }

  private keysOf(id: string) {
    return { key: this.keys.task(id), control: this.keys.control(id) };
  }

  /**
   * Looks through the queue from its head, and then the inboxes, as ids move from there to here: only for a task that may have lost its
   * place between its hash and its push.
   */
  private async hasPlace(id: string, queueName: string): Promise<boolean> {
    const queue = this.keys.queue(queueName);
    const name = await this.redis.call((client) => client.hget(this.keys.task(id), 'task'));
    const isQueued = async () => {
      if (name !== null && (await this.lanes.has(queueName || undefined, name, id))) return true;
      const places = await this.redis.call((client) =>
        Promise.all([
          client.lpos(queue, id, 'RANK', -1),
          client.zscore(this.keys.delayed(queue), id),
          client.zscore(this.keys.prioritized(queue), id),
        ]),
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

function overReply(claim = '', logged = 0): OverReply {
  return logged === 1 ? [claim, '0'] : claim || 1;
}

/** Whether it says what became of the request, and not what comes first. */
function isOfControl(reply: ControlStep[0]): reply is ControlReply {
  return !['owed', 'unlisted', 'waits beside', 'enqueued'].includes(reply);
}
