import { IsNumber, IsString, Min } from 'class-validator';
import { createApp, type Default, Input, Task, TaskContext, TaskError } from 'taskwarden';

/** A worker that behaves as pytask's does, for trying the wire by hand and from other programs. */

class EchoInput {
  @IsString() text: Default<string> = 'hello world';
}

@Task('echo')
class Echo {
  start(@Input(EchoInput) input: EchoInput): string {
    return input.text;
  }
}

class LoopInput {
  /** Seconds. */
  @IsNumber() @Min(0.001) interval: Default<number> = 0.1;
  @IsString() text: Default<string> = 'tick';
}

@Task('loop')
class Loop {
  async start(@Input(LoopInput) { interval, text }: LoopInput, task: TaskContext): Promise<void> {
    while (!task.signal.aborted) {
      await task.emit('text', text);
      await pause(interval, task.signal);
    }
  }
}

@Task('fail')
class Fail {
  start(): never {
    throw new TaskError('task failed');
  }
}

@Task('crash')
class Crash {
  start(): never {
    throw new Error('boom');
  }
}

class SlowInput {
  @IsNumber() @Min(0) seconds!: number;
}

@Task('slow')
class Slow {
  async start(@Input(SlowInput) { seconds }: SlowInput, task: TaskContext): Promise<string> {
    await pause(seconds, task.signal);
    return 'done';
  }
}

/** Resolves after the time, or when the signal aborts. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, seconds * 1_000);
    signal.addEventListener('abort', finish, { once: true });
  });
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const supervised = env.SUPERVISE === '1';
  const app = await createApp({
    tasks: [Echo, Loop, Fail, Crash, Slow],
    redis: env.REDIS_CLUSTER ? { cluster: nodes(env.REDIS_CLUSTER) } : (env.REDIS_URL ?? 'redis://localhost:6379'),
    names: {
      taskPrefix: env.TASK_PREFIX ?? 'task-',
      taskSet: env.TASK_SET ?? 'tasks',
      newQueue: env.NEW_QUEUE ?? 'new-task',
      endQueue: env.END_QUEUE ?? 'end-task',
    },
    taskTimeout: seconds(env.TASK_TIMEOUT, 60),
    worker: {
      // The original has no bound.
      concurrency: Number(env.CONCURRENCY ?? 10_000),
      unknownTaskTimeout: seconds(env.UNKNOWN_TIMEOUT, 0),
      grace: 0,
    },
    monitor: supervised && { interval: seconds(env.MONITOR_INTERVAL, 10) },
    cleanup: supervised && { interval: 100, retention: 0 },
    scheduler: false,
  });
  const served = app.run();
  app.start().then(
    () => console.log('ready'),
    () => {}, // Told to leave before it was ready, which run() sees to.
  );
  await served;
}

function nodes(list: string): { host: string; port: number }[] {
  return list.split(',').map((node) => {
    const [host = 'localhost', port = '6379'] = node.trim().split(':');
    return { host, port: Number(port) };
  });
}

/** In milliseconds. */
function seconds(text: string | undefined, fallback: number): number {
  return Number(text ?? fallback) * 1_000;
}

void main(process.env);
