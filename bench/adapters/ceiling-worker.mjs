import { Redis } from 'ioredis';

// Key: the queue. Arguments: how many to pop, then ids popped already. Replies id and data of each.
const CLAIM = `
local ids = redis.call('RPOP', KEYS[1], ARGV[1]) or {}
for i = 2, #ARGV do ids[#ids + 1] = ARGV[i] end
local replies = {}
for _, id in ipairs(ids) do
  local key = 'task-' .. id
  local found = redis.call('HMGET', key, 'task', 'data')
  redis.call('HSET', key, 'state', 'RUNNING')
  replies[#replies + 1] = id
  replies[#replies + 1] = found[2]
end
return replies`;

// Keys: the hashes. Arguments: the output of each.
const FINISH = `
for i = 1, #KEYS do
  redis.call('HSET', KEYS[i], 'state', 'SUCCESS', 'output', ARGV[i])
  redis.call('PUBLISH', KEYS[i], '{"event":"success","data":' .. ARGV[i] .. '}')
  redis.call('DEL', KEYS[i])
end`;

const LARGEST_BATCH = 250;
const CLAIMS_IN_FLIGHT = 3;
const BLOCK_SECONDS = 1;

/** Claims and finishes in batches, and does nothing else. */
export class CeilingWorker {
  running = 0;
  claiming = 0;
  claims = 0;
  ended = [];
  blocked = undefined;
  closing = false;

  static async open({ port, concurrency, handle }) {
    const worker = new CeilingWorker(port, concurrency, handle);
    await worker.blocking.ping();
    worker.pump();
    return worker;
  }

  constructor(port, concurrency, handle) {
    this.concurrency = concurrency;
    this.handle = handle;
    this.redis = new Redis({ port, host: '127.0.0.1' });
    this.blocking = new Redis({ port, host: '127.0.0.1' });
    this.redis.defineCommand('benchClaim', { numberOfKeys: 1, lua: CLAIM });
    this.redis.defineCommand('benchFinish', { lua: FINISH });
  }

  /** Keeps a few claims in flight, of a worthwhile size; none while the queue is known to be empty. */
  pump() {
    const worthwhile = Math.min(LARGEST_BATCH, Math.ceil(this.concurrency / CLAIMS_IN_FLIGHT));
    while (!this.closing && !this.blocked && this.claims < CLAIMS_IN_FLIGHT) {
      const free = this.concurrency - this.running - this.claiming;
      if (free < worthwhile) return;
      void this.claim(Math.min(free, LARGEST_BATCH));
    }
  }

  async claim(limit, ...popped) {
    this.claims += 1;
    this.claiming += limit;
    const found = await this.redis.benchClaim('new-task', limit - popped.length, ...popped);
    this.claims -= 1;
    this.claiming -= limit;
    for (let i = 0; i < found.length; i += 2) void this.run(found[i], found[i + 1]);
    if (found.length === 0) this.wait();
    this.pump();
  }

  /** Blocks for one id, and claims it with whatever came after it. */
  wait() {
    if (this.closing || this.blocked) return;
    this.blocked = this.blocking.brpop('new-task', BLOCK_SECONDS).then((popped) => {
      this.blocked = undefined;
      if (!popped) return this.wait();
      return this.claim(Math.max(1, Math.min(LARGEST_BATCH, this.concurrency - this.running)), popped[1]);
    });
  }

  async run(id, data) {
    this.running += 1;
    const output = JSON.stringify((await this.handle(JSON.parse(data).text)) ?? null);
    this.running -= 1;
    this.ended.push({ id, output });
    if (this.ended.length === 1) setImmediate(() => this.flush());
    this.pump();
  }

  flush() {
    const batch = this.ended;
    this.ended = [];
    for (let start = 0; start < batch.length; start += LARGEST_BATCH) {
      const part = batch.slice(start, start + LARGEST_BATCH);
      const keys = part.map(({ id }) => `task-${id}`);
      void this.redis.benchFinish(keys.length, ...keys, ...part.map(({ output }) => output));
    }
  }

  async close() {
    this.closing = true;
    this.blocking.disconnect();
    await this.blocked?.catch(() => {});
    while (this.running > 0 || this.claims > 0) await new Promise((next) => setTimeout(next, 1));
    this.flush();
    await this.redis.quit();
  }
}
