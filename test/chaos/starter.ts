import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { StartOptions } from '../../src/client/start-options';
import type { TaskClient } from '../../src/client/task-client';
import { StoreUnavailableError, TaskExistsError } from '../../src/errors';
import type { TaskKeys } from '../../src/task/keys';
import type { EndWatch } from './end-watch';
import { KINDS, limitKey, NAMED_QUEUE, type PlannedTask } from './kinds';
import { PLAIN_PUSHES } from './timeline';

/** Longer than a command that was cut off may still be on its way to Redis. */
export const TRY_AGAIN_MS = 300;

/** Starts, stops and restarts tasks as a careful program does: it asks for no second end before it has seen the first. */
export class Starter {
  /** Every id that somebody tried to start. */
  readonly ids = new Set<string>();
  /** Those of which it is sure that they were not started, as another task had their key. */
  readonly duplicates = new Set<string>();

  constructor(
    private readonly client: TaskClient,
    private readonly redis: Redis,
    private readonly keys: TaskKeys,
    private readonly ends: EndWatch,
    private readonly signal: AbortSignal,
  ) {}

  /** The whole story of one task; resolves when it has ended for the last time. */
  async play({ id, kind, seconds }: PlannedTask): Promise<void> {
    const { task } = KINDS[kind];
    switch (kind) {
      case 'plain':
        await this.push(id, task, '{"text":"plain"}');
        break;
      case 'bad-input':
        await this.push(id, task, '{"seconds":"many"}');
        break;
      case 'plain-again': {
        await this.push(id, task, '{"text":"plain"}', { cleanup: 'false' });
        await this.ends.ended(id);
        const endedMs = Number(await this.insist(() => this.redis.hget(this.keys.task(id), 'ended')));
        await this.pushOnce(id, 2);
        await this.ends.ended(id, endedMs);
        return;
      }
      case 'again':
        await this.start(id, task, { text: id });
        await this.ends.ended(id);
        await this.start(id, task, { text: id });
        break;
      case 'stopped':
        await this.stopAndRestart(id, task, { seconds });
        break;
      case 'named-stopped':
        await this.stopAndRestart(id, task, { seconds }, { queue: NAMED_QUEUE });
        break;
      case 'patient':
        await this.stopAndRestart(id, task, { seconds }, { priority: 9 });
        break;
      case 'named':
        await this.start(id, task, { text: id }, { queue: NAMED_QUEUE });
        break;
      case 'named-retried':
        await this.start(id, task, {}, { queue: NAMED_QUEUE, priority: 4, deadline: '1h' });
        break;
      case 'named-plain':
        await this.push(id, task, '{"text":"plain"}', { queue: NAMED_QUEUE });
        break;
      case 'urgent':
        await this.start(id, task, { text: id }, { priority: 1 });
        break;
      case 'overdue':
        await this.start(id, task, { seconds: 3_600 }, { deadline: '1s' });
        break;
      case 'reloaded':
        await this.start(id, task, { seconds });
        await pause(seconds * 500);
        await this.insist(() => this.client.reload(id));
        break;
      case 'kept':
        await this.start(id, task, { text: id }, { cleanup: false });
        break;
      case 'only':
        await this.startOnly(id, task, { seconds });
        return;
      case 'limited':
        await this.start(id, task, { key: limitKey(id) });
        break;
      case 'later':
        await this.start(id, task, { text: id }, { delay: 500 });
        break;
      default:
        await this.start(id, task, kind === 'slow' ? { seconds } : kind === 'quick' ? { text: id } : {});
    }
    await this.ends.ended(id);
  }

  /** By the client, and again where it is not known what became of it. */
  async start(id: string, task: string, input: object, options: StartOptions = {}): Promise<void> {
    const before = this.ids.has(id) ? await this.createdMs(id) : undefined;
    this.ids.add(id);
    for (;;) {
      try {
        await this.client.start(task, input, { id, ...options });
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError || error instanceof TaskExistsError)) throw error;
      }
      await pause(TRY_AGAIN_MS, undefined, { signal: this.signal });
      const now = await this.createdMs(id);
      if (now === undefined || now === before) continue;
      // The hash is there, perhaps without a place in the queue.
      await this.insist(() => this.client.restartIfState(id, 'WAIT'));
      return;
    }
  }

  /** As the only one of all that are started so; resolves when it has ended, or at once where it is a duplicate. */
  private async startOnly(id: string, task: string, input: object): Promise<void> {
    this.ids.add(id);
    let isSure = true;
    const handle = await this.insist(async () => {
      const wasSure = isSure;
      isSure = false;
      const started = await this.client.start(task, input, { id, unique: { key: 'only' } });
      isSure = wasSure;
      return started;
    });
    if (isSure && handle.id !== id) this.duplicates.add(id);
    // One of which it is not sure may have been started, ended, and started again.
    if (!handle.isNew) return this.ends.ended(id);
    const createdMs = await this.createdMs(id);
    await this.ends.ended(id, (createdMs ?? 1) - 1);
  }

  private async stopAndRestart(id: string, task: string, input: object, options: StartOptions = {}): Promise<void> {
    await this.start(id, task, input, options);
    await this.insist(() => this.client.stop(id));
    await this.ends.ended(id);
    await this.restart(id, task, input, options);
  }

  /** Where the hash is gone, as its retention was over, it is started as a new one. */
  async restart(id: string, task: string, input: object, options: StartOptions = {}): Promise<void> {
    const reply = await this.insist(() => this.client.restart(id));
    if (reply === 'missing') await this.start(id, task, input, options);
  }

  /** Repeats a call until Redis has answered. */
  async insist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        // Ours tells what it is about; the plain client's errors are of connections here.
        if (!(error instanceof StoreUnavailableError) && /^ReplyError: (WRONGTYPE|ERR)/.test(String(error)))
          throw error;
      }
      await pause(TRY_AGAIN_MS, undefined, { signal: this.signal });
    }
  }

  /** As a program without the package does. */
  private async push(
    id: string,
    task: string,
    data: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    this.ids.add(id);
    const key = this.keys.task(id);
    await this.insist(() => this.redis.hset(key, { task, ...more }));
    await this.insist(() => this.redis.hset(key, 'data', data));
    await this.pushOnce(id, 1, more.queue);
  }

  /** The mark tells, after a lost reply, whether the push was made: a second one would be a wish for one more end. */
  private async pushOnce(id: string, nth: number, queue?: string): Promise<void> {
    let isSure = true;
    await this.insist(async () => {
      if (!isSure && (await this.redis.lpos(PLAIN_PUSHES, id, 'COUNT', 0)).length >= nth) return;
      isSure = false;
      await this.redis.multi().rpush(PLAIN_PUSHES, id).lpush(this.keys.queue(queue), id).exec();
    });
  }

  private async createdMs(id: string): Promise<number | undefined> {
    const record = await this.insist(() => this.client.get(id));
    return record?.createdMs;
  }
}
