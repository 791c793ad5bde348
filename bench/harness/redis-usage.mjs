/** Seconds of CPU that Redis has used so far. */
export async function redisCpuSeconds(redis) {
  const info = await redis.info('cpu');
  return numberIn(info, 'used_cpu_user') + numberIn(info, 'used_cpu_sys');
}

/** How many commands Redis has run since CONFIG RESETSTAT, those called by scripts included, and how many reads it took. */
export async function redisCounts(redis) {
  const info = await redis.info('stats');
  return { commands: numberIn(info, 'total_commands_processed'), reads: numberIn(info, 'total_reads_processed') };
}

export async function redisMemoryBytes(redis) {
  return numberIn(await redis.info('memory'), 'used_memory');
}

/** Counts the commands that clients send, without those that their scripts call. MONITOR slows Redis: nothing is timed beside it. */
export async function countSent(redis, work) {
  const counter = redis.duplicate();
  const monitor = await counter.monitor();
  let sent = 0;
  monitor.on('monitor', (_time, _args, source) => {
    if (source !== 'lua') sent += 1;
  });
  try {
    await work();
    return sent;
  } finally {
    monitor.disconnect();
    counter.disconnect();
  }
}

function numberIn(info, field) {
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);
}
