// Input is validated twice: where it is enqueued, and where it is run. node build/examples/validated-input.js
import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsDefined, IsInt, IsString, Matches, Max, Min, ValidateNested } from 'class-validator';
import { createApp, type Default, Input, InputError, TASK_STORE, Task, TaskFailedError } from 'taskwarden';

class Address {
  @IsString() city!: string;
  @Matches(/^\d{4}$/) zip!: string;
}

class Parcel {
  @IsInt() @Max(30_000) grams!: number;
}

class ShipInput {
  // IsDefined: the validator takes a nested object that is missing for a good one.
  @IsDefined() @ValidateNested() @Type(() => Address) address!: Address;
  @ValidateNested({ each: true }) @Type(() => Parcel) @ArrayNotEmpty() parcels!: Parcel[];
  // Default: a producer may leave it out, and the initializer serves.
  @IsInt() @Min(1) days: Default<number> = 3;
}

@Task('ship')
class Ship {
  start(@Input() { address, parcels, days }: ShipInput): string {
    return `${parcels.length} parcels to ${address.city} in ${days} days`;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Ship], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const address = { city: 'Graz', zip: '8010' };
  const shipped = await app.client.start(Ship, { address, parcels: [{ grams: 500 }, { grams: 12_000 }] });
  console.log(`Shipped: ${await shipped.result()}`);

  const wrong = { address: { ...address, zip: 'A-8010' }, parcels: [{ grams: 500 }, { grams: 99_000 }], days: 0 };
  await app.client.start(Ship, wrong).catch((error: InputError) => {
    console.log(`Refused when enqueued, with ${error.violations.length} violations:`);
    for (const { path, message } of error.violations) console.log(`  ${path}: ${message}`);
  });

  // What any program may do that knows the Redis but not the class: the worker looks as closely.
  const id = `ship-${process.pid}`;
  await app
    .get(TASK_STORE)
    .enqueue([{ id, name: 'ship', data: '{"adress": {"city": "Graz"}, "parcels": []}', cleanup: true }]);
  await app.client.result(id).catch((error: TaskFailedError) => {
    console.log(`Refused by the worker, as ${error.state}: ${error.output}`);
  });
  await app.close();
}

void main();
