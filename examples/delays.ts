// Tasks that start later, sooner after all, or never. node build/examples/delays.js
import { IsString } from 'class-validator';
import { createApp, Input, Task } from 'taskwarden';

class ReminderInput {
  @IsString() text!: string;
}

@Task('remind')
class Remind {
  start(@Input() { text }: ReminderInput): string {
    console.log(text);
    return text;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Remind], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { client } = app;
  const nextWeek = await client.start(Remind, { text: 'next week, but sooner' }, { delay: '7d' });
  const never = await client.start(Remind, { text: 'never' }, { delay: '1h' });
  const { state, dueMs = 0, createdMs = 0 } = (await nextWeek.get()) ?? {};
  console.log(`${state}, due in ${Math.round((dueMs - createdMs) / 86_400_000)} days`);
  console.log(`Cancelled: ${await never.remove()}`);

  const atTime = await client.start(Remind, { text: 'at its time' }, { runAt: new Date(Date.now() + 50) });
  const later = await client.start(Remind, { text: 'after 100 ms' }, { delay: 100 });
  await Promise.all([atTime.result(), later.result()]);
  await nextWeek.reschedule({ delay: 0 });
  await nextWeek.result();
  await app.close();
}

void main();
