import { Type } from 'class-transformer';
import { IsDate, IsInt, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { Injectable } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import type { Default } from '../../src/task/default';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

class Address {
  @IsString() @Length(5, 5) zip!: string;
}

class OrderInput {
  @IsInt() @Min(1) @Max(9) count: Default<number> = 2;
  @IsDate() @Type(() => Date) due: Default<Date> = new Date(0);
  @ValidateNested({ each: true }) @Type(() => Address) addresses: Default<Address[]> = [];
}

@Injectable()
class Noting {
  constructor(protected readonly desk: Desk) {}

  async start(@Input(OrderInput) input: OrderInput): Promise<void> {
    this.desk.notes.push(input);
  }
}

/** Takes over start, input and constructor from its parent. */
@Task('inheriting')
class Inheriting extends Noting {}

/** Its own start; the mark on the parent's stands for it. */
@Task('overriding')
class Overriding extends Noting {
  override async start(input: OrderInput): Promise<void> {
    await super.start(input);
    this.desk.notes.push('overridden');
  }
}

@Task('property')
class OnProperty {
  @Input(OrderInput) input!: OrderInput;

  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<void> {
    this.desk.notes.push(this.input, task.input === this.input, task.id);
  }
}

@Task('none')
class NoInput {
  constructor(private readonly desk: Desk) {}

  async start(...args: unknown[]): Promise<void> {
    this.desk.notes.push(args.length, (args[0] as TaskContext).input);
  }
}

describe.each(PLACES)('the input of a run, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const tasks = [Inheriting, Overriding, OnProperty, NoInput];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)] });
    return { desk, client: app.client };
  }

  /** Writes a hash by hand, as any program may, and resolves with the output of the task. */
  async function runRaw(fields: Readonly<Record<string, string>>) {
    await setUp();
    await stage().setHash('a', { task: 'inheriting', ...fields });
    await stage().push('a');
    return (await stage().untilState('a', 'EXCEPTION')).output;
  }

  test('is an instance with defaults in place, dates and nested objects made', async () => {
    const { desk, client } = await setUp();
    await client.start(Inheriting, { due: '2030-01-01', addresses: [{ zip: '12345' }] }, { id: 'a' });
    await stage().untilState('a', 'SUCCESS');
    const [input] = desk.notes as [OrderInput];
    expect(input).toBeInstanceOf(OrderInput);
    expect(input).toEqual({ count: 2, due: new Date('2030-01-01'), addresses: [{ zip: '12345' }] });
    expect(input.addresses[0]).toBeInstanceOf(Address);
  });

  test('is taken by an overriding start', async () => {
    const { desk, client } = await setUp();
    await client.start(Overriding, { count: 5 }, { id: 'a' });
    await stage().untilState('a', 'SUCCESS');
    expect(desk.notes).toEqual([expect.objectContaining({ count: 5 }), 'overridden']);
  });

  test('stands in a property that is marked, before start, which then takes the context first', async () => {
    const { desk, client } = await setUp();
    await client.start(OnProperty, { count: 5 }, { id: 'a' });
    await stage().untilState('a', 'SUCCESS');
    expect(desk.notes).toEqual([expect.objectContaining({ count: 5 }), true, 'a']);
  });

  test('is an empty object for a task without input, whose start takes the context', async () => {
    const { desk, client } = await setUp();
    await client.start(NoInput, {}, { id: 'a' });
    await stage().untilState('a', 'SUCCESS');
    expect(desk.notes).toEqual([1, {}]);
  });

  test.each<[what: string, fields: Record<string, string>]>([
    ['no data', {}],
    ['empty data', { data: '' }],
  ])('%s stands for the defaults', async (_what, fields) => {
    const { desk } = await setUp();
    await stage().setHash('a', { task: 'inheriting', ...fields });
    await stage().push('a');
    await stage().untilState('a', 'SUCCESS');
    expect(desk.notes).toEqual([{ count: 2, due: new Date(0), addresses: [] }]);
  });

  test('that is bad ends the task as EXCEPTION, with every path and no stack', async () => {
    const data = JSON.stringify({ count: 0, addresses: [{ zip: '1' }, { zip: 2 }], extra: true });
    const output = await runRaw({ data });
    for (const path of ['count: ', 'addresses.0.zip: ', 'addresses.1.zip: ', 'extra: ']) expect(output).toContain(path);
    expect(output).not.toMatch(/^\s+at /m);
  });

  test.each(['{', 'null', '[1]', '7', '"x"', '{"__proto__":{"count":5}}'])(
    'the data %s ends the task as EXCEPTION',
    async (data) => {
      expect(await runRaw({ data })).toMatch(/must be|unknown property/);
      expect(({} as { count?: number }).count).toBeUndefined();
    },
  );

  test('that is bad does not keep the worker from the next task', async () => {
    const { client } = await setUp();
    await stage().setHash('a', { task: 'inheriting', data: '[]' });
    await stage().push('a');
    await client.start(Inheriting, {}, { id: 'b' });
    await stage().untilState('b', 'SUCCESS');
    expect(await stage().record('a')).toMatchObject({ state: 'EXCEPTION' });
  });
});
