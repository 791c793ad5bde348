const PIPELINE = 1_000;
const HOUR_MS = 3_600_000;
const WORKERS = 20;
const QUEUES = ['default', 'default', 'default', 'mail', 'mail', 'reports', 'slow', 'slow'];

/** Of a hundred tasks; what is left waits in a queue. */
const SHARES = [
  ['RUNNING', 5],
  ['STOPPED', 5],
  ['ERROR', 8],
  ['EXCEPTION', 2],
  ['SUCCESS', 30],
  ['delayed', 10],
];

/** Writes so many tasks as workers and clients would have left them: hashes, queues, sets and leases. */
export async function fillTasks(redis, count) {
  const nowMs = Date.now();
  await redis.sadd('{new-task}:queues', 'mail', 'reports', 'slow');
  for (const queue of new Set(QUEUES)) {
    const workers = Array.from({ length: WORKERS }, (_, n) => [nowMs + HOUR_MS, workerOf(n)]);
    await redis.zadd(beside(queue, 'workers'), ...workers.flat());
  }
  let sent = Promise.resolve();
  for (let start = 0; start < count; start += PIPELINE) {
    const batch = fillBatch(redis, start, Math.min(count, start + PIPELINE), nowMs);
    // One is made while the one before is written.
    await sent;
    sent = batch.exec();
  }
  await sent;
}

function fillBatch(redis, start, end, nowMs) {
  const batch = redis.pipeline();
  for (let n = start; n < end; n += 1) {
    const [kind, queue] = [kindOf(n), QUEUES[n % QUEUES.length]];
    const id = `id-${n}`;
    batch.hset(`task-${id}`, fieldsOf(n, kind, queue, nowMs));
    if (kind === 'WAIT') batch.lpush(listOf(queue), id);
    else if (kind === 'delayed') batch.zadd(beside(queue, 'delayed'), nowMs + HOUR_MS, id);
    else if (kind === 'RUNNING') batch.sadd('tasks', id).zadd('{tasks}:leases', nowMs + HOUR_MS + n, id);
    else if (kind === 'STOPPED') batch.sadd('tasks', id);
    else batch.lpush('end-task', id);
  }
  return batch;
}

function fieldsOf(n, kind, queue, nowMs) {
  const created = nowMs - (n % 7_200) * 1_000;
  const data = JSON.stringify({ url: `https://example.com/some/page/${n}`, note: 'x'.repeat(60) });
  const runs = { attempt: 1, worker: workerOf(n % WORKERS), started: created, last_update: `${nowMs / 1_000}000000` };
  return {
    task: n % 3 === 0 ? 'probe' : 'send-mail',
    data,
    created,
    ...(queue !== 'default' && { queue }),
    ...(kind === 'delayed' && { due: nowMs + HOUR_MS }),
    ...(kind !== 'WAIT' && kind !== 'delayed' && { state: kind, ...runs }),
    ...(['SUCCESS', 'ERROR', 'EXCEPTION'].includes(kind) && { output: '"done"', ended: nowMs }),
  };
}

function kindOf(n) {
  // Mixed, so that no state stands together: 37 has no factor in common with 100.
  let place = (n * 37) % 100;
  for (const [kind, share] of SHARES) {
    if (place < share) return kind;
    place -= share;
  }
  return 'WAIT';
}

function workerOf(n) {
  return `bench-host-${4_000 + n}-${'abcdefghijklmnopqrst'[n]}bcdefghijklmnopqrstuv`;
}

function listOf(queue) {
  return queue === 'default' ? 'new-task' : `new-task:${queue}`;
}

function beside(queue, what) {
  return `{${listOf(queue)}}:${what}`;
}
