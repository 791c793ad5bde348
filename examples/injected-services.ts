// Services are injected into tasks and middleware, and disposed with the app: node build/examples/injected-services.js
import { IsInt, IsString } from 'class-validator';
import { createApp, Inject, Injectable, Input, type Middleware, type Next, Task, TaskContext } from 'taskwarden';

class PriceList {
  constructor(private readonly cents: Readonly<Record<string, number>>) {}

  total(fruit: string, pieces: number): number {
    return ((this.cents[fruit] ?? 0) * pieces) / 100;
  }

  dispose(): void {
    console.log('The price list is disposed');
  }
}

/** Awaited before the app is ready: whoever needs the prices has them. */
async function loadPrices(): Promise<PriceList> {
  return new PriceList({ apple: 40, melon: 250 });
}

/** Wraps every run; a plain function (task, next) does as well. */
@Injectable()
class Announce implements Middleware {
  constructor(@Inject('currency') private readonly currency: string) {}

  async use(task: TaskContext, next: Next): Promise<unknown> {
    if (task.local) return next(); // The monitor and the cleanup are runs too.
    console.log(`Before ${task.name}`);
    return `${await next()} ${this.currency}`;
  }
}

class SaleInput {
  @IsString() fruit!: string;
  @IsInt() pieces!: number;
}

@Task('sell')
class Sell {
  constructor(private readonly prices: PriceList) {}

  start(@Input() { fruit, pieces }: SaleInput): string {
    return this.prices.total(fruit, pieces).toFixed(2);
  }
}

async function main(): Promise<void> {
  const currency = { provide: 'currency', useValue: 'EUR' };
  const providers = [currency, { provide: PriceList, useFactory: loadPrices }];
  const redis = process.env.REDIS_URL;
  const app = await createApp({ tasks: [Sell], providers, middleware: [Announce], redis, logger: false });
  await app.start();
  const handle = await app.client.start(Sell, { fruit: 'apple', pieces: 3 });
  console.log(`Sold for ${await handle.result()}`);
  await app.close();
}

void main();
