import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { RedisInbox } from './redis-inbox';

/** The inboxes of one queue, by worker; each is made when it is first asked for. */
export class RedisInboxes {
  private readonly inboxes = new Map<string, RedisInbox>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    /** The key of its list. */
    private readonly queue: string,
  ) {}

  of(worker: string): RedisInbox {
    let inbox = this.inboxes.get(worker);
    if (!inbox) {
      inbox = new RedisInbox(this.redis, this.keys, this.queue, worker);
      this.inboxes.set(worker, inbox);
    }
    return inbox;
  }

  async leave(worker: string, over: readonly string[] = []): Promise<void> {
    await this.of(worker).leave(over);
    this.inboxes.delete(worker);
  }
}
