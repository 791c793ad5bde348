import { setTimeout as pause } from 'node:timers/promises';
import { IsNumber, IsString } from 'class-validator';
import { type AppOptions, createApp, Input, type Middleware, Task, TaskContext, TaskError } from 'taskwarden';
import { CodeLedger } from './code-ledger';
import { BULK_QUEUE, LIMIT_OF_KEY, NAMED_QUEUE } from './kinds';
import { MAX_CRASHES, POISON_NAMES, TIMES } from './times';

/** One worker process of the run. */

class QuickInput {
  @IsString() text!: string;
}

@Task('chaos/quick')
class Quick {
  start(@Input(QuickInput) { text }: QuickInput): string {
    return text;
  }
}

@Task('chaos/fail')
class Fail {
  start(): never {
    throw new TaskError('as expected');
  }
}

@Task('chaos/crash')
class Crash {
  start(): never {
    throw new Error('as planned');
  }
}

@Task('chaos/retry', { retry: { attempts: 5, delay: 100 } })
class Retry {
  start(task: TaskContext): string {
    if (task.attempt < 3) throw new Error('as planned, twice');
    return 'done at last';
  }
}

@Task('chaos/talk')
class Talk {
  async start(task: TaskContext): Promise<string> {
    for (const part of [1, 2, 3]) {
      await task.emit('part', part);
      await task.progress(part / 3);
    }
    await task.heartbeat();
    return 'said';
  }
}

class SlowInput {
  @IsNumber() seconds!: number;
}

@Task('chaos/slow')
class Slow {
  async start(@Input(SlowInput) { seconds }: SlowInput, task: TaskContext): Promise<string> {
    await pause(seconds * 1_000, undefined, { signal: task.signal });
    return 'done';
  }
}

@Task('chaos/bulk-stopped')
class BulkStopped extends Slow {}

@Task('chaos/bulk-restarted')
class BulkRestarted extends Slow {}

@Task('chaos/bulk-removed')
class BulkRemoved extends Slow {}

@Task('chaos/bounded', { concurrency: 1 })
class Bounded {
  async start(): Promise<string> {
    await pause(300);
    return 'done in its turn';
  }
}

class LimitedInput {
  @IsString() key!: string;
}

@Task('chaos/limited', {
  limit: { key: (input: LimitedInput) => input.key, perKey: { concurrency: LIMIT_OF_KEY } },
})
class Limited {
  async start(@Input(LimitedInput) _input: LimitedInput): Promise<string> {
    await pause(150);
    return 'done within the limit';
  }
}

@Task('chaos/rare')
class Rare {
  async start(): Promise<string> {
    await pause(20);
    return 'known';
  }
}

@Task('chaos/endless')
class Endless {
  async start(task: TaskContext): Promise<void> {
    while (!task.signal.aborted) {
      await task.progress(Date.now()).catch(() => {});
      await pause(500, undefined, { signal: task.signal }).catch(() => {});
    }
  }
}

/** A local task of every worker. */
@Task('chaos/pulse')
class Pulse extends Endless {}

@Task('chaos/poison')
class Poison {
  async start(): Promise<void> {
    process.kill(process.pid, 'SIGKILL');
    await pause(10_000);
  }
}

const ledger = new CodeLedger(process.env.CHAOS_FOLDER ?? '.');

class NoteCode implements Middleware {
  async use(task: TaskContext, next: () => Promise<unknown>): Promise<unknown> {
    ledger.note('begin', task.id, task.attempt);
    try {
      return await next();
    } finally {
      // What was cut short has earned no end.
      if (!task.signal.aborted) ledger.note('done', task.id, task.attempt);
    }
  }
}

const poisonous: Partial<AppOptions> = {
  tasks: [Poison, Pulse],
  names: POISON_NAMES,
  monitor: { interval: TIMES.monitorInterval, maxCrashes: MAX_CRASHES },
};

const ordinary: Partial<AppOptions> = {
  tasks: [
    Quick,
    Fail,
    Crash,
    Retry,
    Talk,
    Slow,
    BulkStopped,
    BulkRestarted,
    BulkRemoved,
    Bounded,
    Limited,
    Endless,
    Pulse,
    ...(process.env.CHAOS_RARE === '1' ? [Rare] : []),
  ],
  // A pause or a cut counts as a crash too, and there are many here: that limit is for the poisonous.
  monitor: { interval: TIMES.monitorInterval, maxCrashes: Number.POSITIVE_INFINITY },
};

async function main(): Promise<void> {
  const app = await createApp({
    redis: process.env.REDIS_URL,
    taskTimeout: TIMES.taskTimeout,
    worker: {
      queues: { default: { weight: 2 }, [NAMED_QUEUE]: { weight: 1 }, [BULK_QUEUE]: { weight: 1 } },
      heartbeatInterval: TIMES.heartbeatInterval,
      stopTimeout: TIMES.stopTimeout,
      grace: TIMES.grace,
      unknownTaskTimeout: TIMES.unknownTaskTimeout,
    },
    cleanup: { interval: TIMES.cleanupInterval, retention: process.env.CHAOS_RETENTION ?? '1h' },
    middleware: [NoteCode],
    ...(process.env.CHAOS_POISON === '1' ? poisonous : ordinary),
  });
  const served = app.run();
  console.log('serves');
  app.startLocal(Pulse).then(
    () => console.log('ready'),
    () => {}, // Told to leave before it was ready, which run() sees to.
  );
  await served;
}

void main();
