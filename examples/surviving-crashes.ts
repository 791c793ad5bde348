// A task survives the death of its worker at every step: node build/examples/surviving-crashes.js
import { IsInt } from 'class-validator';
import { createApp, Injectable, Input, Task, TaskContext } from 'taskwarden';
import { describeCall, faultyStore, openBackend } from 'taskwarden/testing';

class PaymentInput {
  @IsInt() cents!: number;
}

/** Keeps what was booked by the id of the task: booking it twice changes nothing. */
@Injectable()
class Ledger {
  private readonly entries = new Map<string, number>();

  book(id: string, cents: number): number {
    this.entries.set(id, cents);
    return [...this.entries.values()].reduce((sum, entry) => sum + entry);
  }
}

@Task('pay')
class Pay {
  constructor(private readonly ledger: Ledger) {}

  async start(@Input() { cents }: PaymentInput, task: TaskContext): Promise<string> {
    return `booked ${this.ledger.book(task.id, cents)} cents in attempt ${task.attempt}`;
  }
}

async function payThrough(step: string): Promise<string> {
  const redis = process.env.REDIS_URL;
  const doomed = openBackend({ redis });
  const sound = redis ? openBackend({ redis }) : doomed;
  const store = faultyStore(doomed.store, {
    onCall: (call) => (describeCall(call) === step ? { kind: 'crash' } : undefined),
  });
  const options = { tasks: [Pay], taskTimeout: '300ms', monitor: { interval: '50ms' }, logger: false as const };
  const ledger = { provide: Ledger, useValue: new Ledger() };
  const rescuer = await createApp({ ...options, providers: [ledger, ...sound.providers()] });
  const payment = await rescuer.client.start(Pay, { cents: 250 });

  const alone = { monitor: false, cleanup: false, scheduler: false } as const; // Only what concerns the task reaches the store.
  const victim = await createApp({ ...options, ...alone, providers: [ledger, ...doomed.providers(store)] });
  await victim.start();
  await store.crashed;
  await rescuer.start();
  const result = await payment.result({ timeout: '10s' });
  store.bury(); // What hangs fails now, and the victim can be closed.
  for (const each of [rescuer, victim, doomed, sound]) await each.close();
  return result;
}

async function main(): Promise<void> {
  for (const step of ['take#1 after', 'open#1 before', 'open#1 after', 'finish#1 before', 'finish#1 after']) {
    console.log(`${step}: ${await payThrough(step)}`);
  }
}

void main();
