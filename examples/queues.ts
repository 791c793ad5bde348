// Two queues with a share each; one is paused, resumed and drained. node build/examples/queues.js
import { IsInt } from 'class-validator';
import { createApp, Input, Task } from 'taskwarden';

class NumberInput {
  @IsInt() nth!: number;
}

let ran = 0;

@Task('send-mail', { queue: 'mail' })
class SendMail {
  start(@Input() { nth }: NumberInput): string {
    return `mail ${nth}`;
  }
}

@Task('make-report', { queue: 'reports' })
class MakeReport {
  start(@Input() { nth }: NumberInput): string {
    ran += 1;
    return `report ${nth}`;
  }
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [SendMail, MakeReport],
    redis: process.env.REDIS_URL,
    logger: false,
    // Looks for tasks begin with the mail three times of four; of the reports two run at a time.
    worker: { queues: { mail: { weight: 3 }, reports: { weight: 1, concurrency: 2 } } },
  });
  const { client } = app;
  const reports = client.queue('reports');

  await reports.pause();
  await app.start();
  const report = await client.start(MakeReport, { nth: 1 });
  console.log(await (await client.start(SendMail, { nth: 1 })).result());
  const { waiting, paused } = await reports.get();
  console.log(`Reports: ${waiting} waiting, ${paused ? 'paused' : 'open'}, ${ran} ran`);
  await reports.resume();
  console.log(await report.result());

  await reports.pause();
  await client.startMany(MakeReport, [{ nth: 2 }, { nth: 3 }, { nth: 4 }]);
  console.log(`Drained: ${await reports.drain()}`);
  await reports.resume();
  console.log(await (await client.start(MakeReport, { nth: 5 })).result());
  console.log(`Reports that ran: ${ran}`);
  console.log((await client.queues()).map(({ name }) => name).join(', '));
  await app.close();
}

void main();
