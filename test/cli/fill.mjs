// Fills the Redis at this port: `node test/cli/fill.mjs PORT COUNT`.
import { Redis } from 'ioredis';
import { fillTasks } from '../../bench/harness/fill-tasks.mjs';

const [port, count] = process.argv.slice(2).map(Number);
const redis = new Redis({ host: '127.0.0.1', port });
await fillTasks(redis, count);
redis.disconnect();
