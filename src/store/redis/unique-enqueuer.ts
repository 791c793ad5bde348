import type { IdSource } from '../../ids';
import type { TaskKeys } from '../../task/keys';
import type { TaskState } from '../../task/state';
import type { NewTask } from '../producer-store';
import {
  claimedTask,
  claimText,
  debounceDue,
  judge,
  keyHash,
  readClaim,
  rememberedMs,
  type UniqueClaim,
  type UniqueReply,
} from '../unique';
import { pushBack } from './push-back';
import { putOff } from './put-off';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { dueArg, newTaskRow } from './redis-enqueuer';
import { claimUnique } from './scripts/claim-unique';
import { confirmUnique } from './scripts/confirm-unique';
import { releaseUnique } from './scripts/release-unique';
import { replaceUnique } from './scripts/replace-unique';
import { settleUnique } from './scripts/settle-unique';
import { stageUnique } from './scripts/stage-unique';
import { uniqueOwner } from './scripts/unique-owner';

/** How long a claim may take from laying down its task to writing it; one that was held up for longer begins anew. */
const STAGED_MS = 60_000;

/** A task that has, or had, a key. */
interface Owner {
  readonly id: string;
  readonly token: string;
  readonly ageMs: number;
  /** undefined where it is gone, or its id has been started anew. */
  readonly state: TaskState | undefined;
}

/** A claim that has got its key. */
interface Claimed {
  readonly id: string;
  readonly token: string;
  readonly hash: string;
  /** It is to be noted that its task is written, as its key is remembered for a window. */
  readonly settles: boolean;
}

/**
 * Starts tasks that are to be the only ones of their key. Key, task and queue are in three slots; what decides is the claim, one
 * compare-and-set. The task is laid down before it, so that whoever meets a claim can do what its owner has left undone:
 * nobody has to wait for anybody, and none is ever taken for dead.
 * @see docs/architecture.md#unique-keys
 */
export class UniqueEnqueuer {
  private readonly queues: QueueNames;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly ids: IdSource,
  ) {
    this.queues = new QueueNames(redis, keys);
  }

  async enqueue(task: NewTask, claim: UniqueClaim): Promise<UniqueReply> {
    await this.queues.note(task.queue);
    const hash = keyHash(task.name, claim.key);
    // Each turn but the last was lost to another enqueuer, who has got on.
    for (;;) {
      const owner = await this.ownerOf(hash);
      if (owner && (await this.isDuplicateOf(owner, hash, task, claim))) return { kind: 'duplicate', id: owner.id };
      const kind = await this.claim(owner?.token ?? '', hash, claimedTask(task, claim), claim);
      if (kind !== 'lost') return { kind, id: task.id };
    }
  }

  /** Who has the key; what its enqueuer has left undone is done. */
  private async ownerOf(hash: string): Promise<Owner | undefined> {
    const found = await uniqueOwner.run(this.redis, { unique: this.keys.unique(hash) }, {});
    if (found === 0) return undefined;
    const [id, token, ageMs, settled, settles] = found;
    const state = await this.confirm({ id, token, hash, settles: settles === 1 });
    if (state === 'exists') return { id, token, ageMs: Number.POSITIVE_INFINITY, state: undefined };
    if (state !== 'none') return { id, token, ageMs, state };
    // Gone; or held up before it was written for so long that it never will be: then no window has begun.
    return { id, token, ageMs: settled === 1 ? ageMs : Number.POSITIVE_INFINITY, state: undefined };
  }

  private async isDuplicateOf(owner: Owner, hash: string, task: NewTask, claim: UniqueClaim): Promise<boolean> {
    switch (judge(claim, owner)) {
      case 'start':
        return false;
      case 'keep':
        return true;
      case 'postpone':
        return this.postpone(owner, hash, task, claim);
      case 'replace':
        if (await this.replace(owner, hash, task, '')) return true;
        // It has begun, or is over, since it was looked at.
        return this.isDuplicateOf({ ...owner, state: await this.stateOf(owner, hash) }, hash, task, claim);
    }
  }

  /** Answers false where the task does not wait for its time any more. */
  private async postpone(owner: Owner, hash: string, task: NewTask, claim: UniqueClaim): Promise<boolean> {
    const due = debounceDue(claim);
    if (due === undefined) return false;
    const name = await this.redis.call((client) => client.hget(this.keys.task(owner.id), 'queue'));
    // The time first: nobody takes it then while it gets its input.
    const dueText = await putOff(this.redis, this.keys, { id: owner.id, due }, name);
    return dueText !== 0 && this.replace(owner, hash, task, dueText);
  }

  private async replace({ id, token }: Owner, hash: string, task: NewTask, due: string): Promise<boolean> {
    // Of one that is put off the time that it may take in all is counted anew: else it was over before it could begin.
    const deadline = task.deadline ? dueArg(task.deadline) : '';
    const args = { claim: claimText(hash, token), data: task.data, due, deadline };
    return (await replaceUnique.run(this.redis, { key: this.keys.task(id) }, args)) === 1;
  }

  private async claim(
    expected: string,
    hash: string,
    task: NewTask,
    claim: UniqueClaim,
  ): Promise<'started' | 'exists' | 'lost'> {
    const { id } = task;
    const token = this.ids.next();
    const staged = this.keys.staged(id, token);
    const { key, ...row } = newTaskRow(task, this.keys);
    const fields = Object.entries(task.due ? { ...row, due: dueArg(task.due) } : row).flat();
    const stageArgs = { fresh: row.fresh, stagedMs: STAGED_MS };
    if ((await stageUnique.run(this.redis, { key, staged }, stageArgs, fields)) === 0) return 'exists';
    const unique = this.keys.unique(hash);
    const windowMs = rememberedMs(claim);
    if ((await claimUnique.run(this.redis, { unique }, { expected, id, token, windowMs })) === 0) {
      await this.redis.call((client) => client.del(staged));
      return 'lost';
    }
    const state = await this.confirm({ id, token, hash, settles: windowMs > 0 });
    if (state === 'exists') return 'exists';
    return state === 'none' ? 'lost' : 'started';
  }

  /** Does what is left to do for the task of a claim, whoever made it; answers its state. */
  private async confirm({ id, token, hash, settles }: Claimed): Promise<TaskState | 'none' | 'exists'> {
    const keys = { key: this.keys.task(id), staged: this.keys.staged(id, token) };
    const [state, push, due, queue, priority] = await confirmUnique.run(this.redis, keys, {
      claim: claimText(hash, token),
      token,
    });
    // A push that is owed under another token is that of a later requeue, and the monitor's.
    const owed = state === 'WAIT' && push === token;
    await Promise.all([
      owed && pushBack(this.redis, this.keys, [{ id, token, due, queue, priority }], 'end'),
      settles &&
        state !== 'none' &&
        state !== 'exists' &&
        settleUnique.run(this.redis, { unique: this.keys.unique(hash) }, { token }),
    ]);
    return state as TaskState | 'none' | 'exists';
  }

  private async stateOf({ id, token }: Owner, hash: string): Promise<TaskState | undefined> {
    const state = await this.confirm({ id, token, hash, settles: false });
    return state === 'none' || state === 'exists' ? undefined : state;
  }
}

/** Forgets the keys of tasks that are over. @param claims Their fields `unique`. */
export async function releaseKeys(redis: RedisConnection, keys: TaskKeys, claims: readonly string[]): Promise<void> {
  const rows = claims.map(readClaim).map(([hash, token]) => ({ key: keys.unique(hash), token }));
  if (rows.length > 0) await releaseUnique.run(redis, rows, {});
}
