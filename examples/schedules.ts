// Tasks that recur: declared by a class, and added, paused and removed at run time. node build/examples/schedules.js
import { IsString } from 'class-validator';
import { createApp, Input, Schedule, Task, type TaskContext } from 'taskwarden';

class ReportInput {
  @IsString() about!: string;
}

let reports = 0;
let told: () => void = () => {};
const twoReports = new Promise<void>((resolve) => {
  told = resolve;
});

@Schedule('0 9 * * 1-5', { tz: 'Europe/Vienna', input: { about: 'sales' }, name: 'morning' })
@Schedule({ every: '1s', input: { about: 'the last second' }, name: 'often' })
@Task('report')
class Report {
  start(@Input(ReportInput) { about }: ReportInput, task: TaskContext): string {
    const [, name] = task.id.split(':');
    reports += 1;
    if (reports <= 2) console.log(`${name}: a report of ${about}`);
    if (reports === 2) told();
    return about;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Report], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { schedules } = app.client;
  await twoReports;
  await schedules.remove('often');

  await schedules.add('night', Report, { cron: '30 2 * * *', tz: 'Europe/Vienna', input: { about: 'the night' } });
  await schedules.pause('morning');
  for (const { name, task, cron, paused, declared } of await schedules.list())
    console.log(`${name}: ${task} at ${cron}${paused ? ', paused' : ''}${declared ? ', declared' : ''}`);
  const inVienna = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Vienna', hour: '2-digit', minute: '2-digit' });
  console.log(`Next: ${(await schedules.next('night', 1)).map((time) => inVienna.format(time))}`);
  console.log(`Removed: ${await schedules.remove('night')}, next: ${(await schedules.next('night')).length}`);
  await app.close();
}

void main();
