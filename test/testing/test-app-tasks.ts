import { IsString } from 'class-validator';
import { TaskClient } from '../../src/client/task-client';
import { CLOCK, type Clock, sleep } from '../../src/clock';
import { Inject } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';

export class MailInput {
  @IsString() to!: string;
}

@Task('mail')
export class Mail {
  async start(@Input() { to }: MailInput, task: TaskContext): Promise<string> {
    await task.emit('sent', { to, attempt: task.attempt });
    return `mail to ${to}`;
  }
}

/** Starts a mail now, and one that is to come in a day. */
@Task('sign-up')
export class SignUp {
  constructor(private readonly client: TaskClient) {}

  async start(@Input() { to }: MailInput): Promise<void> {
    await this.client.start(Mail, { to });
    await this.client.start(Mail, { to }, { delay: '1d', priority: 1 });
  }
}

@Task('flaky', { retry: { attempts: 4, delay: '10s' } })
export class Flaky {
  start(task: TaskContext): string {
    if (task.attempt < 3) throw new Error(`down at attempt ${task.attempt}`);
    return `done at attempt ${task.attempt}`;
  }
}

/** Looks each hour, by the clock of the app. */
@Task('watch')
export class Watch {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  async start(task: TaskContext): Promise<void> {
    while (!task.signal.aborted) {
      await task.progress(new Date(this.clock.nowMs()).toISOString());
      await sleep(this.clock, 3_600_000, task.signal);
    }
  }
}

/** Waits until it is stopped, for nothing else. */
@Task('stay')
export class Stay {
  async start(task: TaskContext): Promise<void> {
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  }
}

@Task('hang', { timeout: '1m' })
export class Hang {
  start(): Promise<never> {
    return new Promise(() => {});
  }
}

@Task('again')
export class Again {
  constructor(private readonly client: TaskClient) {}

  async start(): Promise<void> {
    await this.client.start(Again);
  }
}
