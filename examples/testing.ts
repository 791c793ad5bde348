// Tests of tasks, with fakes and without waiting: node build/examples/testing.js
import { IsEmail } from 'class-validator';
import { Injectable, Input, Task, TaskClient, TaskContext } from 'taskwarden';
import { createTestApp, runTask } from 'taskwarden/testing';

@Injectable()
class Mailer {
  async send(_to: string): Promise<void> {
    throw new Error('the mail server is busy');
  }
}

class MemberInput {
  @IsEmail() address!: string;
}

@Task('remind', { retry: { attempts: 3, delay: '10m' } })
class Remind {
  constructor(private readonly mailer: Mailer) {}

  async start(@Input() { address }: MemberInput, task: TaskContext): Promise<string> {
    await this.mailer.send(address);
    await task.emit('reminded', { address });
    return `reminded at attempt ${task.attempt}`;
  }
}

@Task('join')
class Join {
  constructor(private readonly client: TaskClient) {}

  async start(@Input() { address }: MemberInput): Promise<void> {
    await this.client.start(Remind, { address }, { delay: '2h' });
  }
}

async function main(): Promise<void> {
  const sent: string[] = [];
  const mailer = { send: async (to: string) => void sent.push(to) };
  const alone = await runTask(Remind, { address: 'a@example.com' }, { provide: [[Mailer, mailer]] });
  console.log(`Alone: ${alone.state}, ${alone.output}, sent to ${sent}`);

  const app = await createTestApp({ tasks: [Remind, Join], providers: [Mailer], now: '2026-03-02T12:00:00Z' });
  await app.client.start(Join, { address: 'b@example.com' });
  await app.drain();
  const [reminder] = app.enqueued(Remind);
  console.log(
    `Enqueued: ${reminder?.name} for ${reminder?.input.address} in ${(reminder?.delayMs ?? 0) / 60_000} minutes`,
  );
  await app.advance('3h');
  for (const { atMs, event } of app.events(Remind))
    console.log(`${new Date(atMs).toISOString().slice(11, 16)} ${event}`);
  console.log(`Thrown: ${app.failures.map(({ error }) => String(error)).join(', ')}`);
  await app.close();
}

void main();
