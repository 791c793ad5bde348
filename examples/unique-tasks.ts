// Tasks of which there is one for each key. node build/examples/unique-tasks.js
import { IsString } from 'class-validator';
import { createApp, Input, Task } from 'taskwarden';

class SyncInput {
  @IsString() account!: string;
  @IsString() reason!: string;
}

/** One for each account, as long as the last one waits or runs. */
@Task('sync', { unique: { key: (input: SyncInput) => input.account } })
class Sync {
  start(@Input() { account, reason }: SyncInput): string {
    return `${account} synced: ${reason}`;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Sync], redis: process.env.REDIS_URL, logger: false });
  const { client } = app;
  const first = await client.start(Sync, { account: 'acme', reason: 'a webhook' });
  const second = await client.start(Sync, { account: 'acme', reason: 'one more webhook' });
  const other = await client.start(Sync, { account: 'initech', reason: 'a webhook' });
  console.log(`New: ${first.isNew}, ${second.isNew}, ${other.isNew}; the same task: ${first.id === second.id}`);

  // On this call the last input wins: the task that waits gets it.
  const replace = { key: (input: SyncInput) => input.account, policy: 'replace' } as const;
  await client.start(Sync, { account: 'acme', reason: 'the newest' }, { unique: replace });

  await app.start();
  console.log(await second.result());
  const afterwards = await client.start(Sync, { account: 'acme', reason: 'later' });
  console.log(`New after its end: ${afterwards.isNew}. ${await afterwards.result()}`);

  // Runs 100 ms after the last of them.
  const debounce = { key: 'all', policy: 'debounce', window: 100 } as const;
  const inputs = [1, 2, 3, 4, 5].map((change) => ({ account: 'all', reason: `change ${change}` }));
  let last = afterwards;
  const { started, duplicates } = await client.startMany(Sync, inputs, {
    unique: debounce,
    onStarted: (handle) => {
      last = handle;
    },
  });
  console.log(`Started: ${started}, duplicates: ${duplicates}. ${await last.result()}`);
  await app.close();
}

void main();
