// Checked by the compiler: a line under `@ts-expect-error` that is no error any more is an error itself.

import type { InputArguments, InputOf, OutputOf } from '../../src/client/input-types';
import { Input } from '../../src/decorators/input';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import type { Default } from '../../src/task/default';
import type { TaskClass } from '../../src/task/task-class';
import type { TaskContext } from '../../src/task/task-context';

declare function start<T extends TaskClass>(task: T, ...input: InputArguments<T>): Promise<OutputOf<T>>;
declare function startWith<T extends TaskClass>(task: T, input: InputOf<T>): void;
declare function same<A, B>(
  equal: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false,
): void;

class Address {
  zip!: string;
  country: Default<'de' | 'at'> = 'de';
  label(): string {
    return this.zip;
  }
}

class OrderInput {
  id!: number;
  note?: string;
  urgent: Default<boolean> = false;
  due!: Date;
  since: Default<Date> = new Date(0);
  address!: Address;
  billing: Default<Address> = new Address();
  stops!: Address[];
  tags: Default<string[]> = [];
  pair!: [number, Date];
  meta!: Record<string, unknown>;
  limits!: Record<string, number>;
  parent!: string | null;
  kind!: 'a' | 'b';
  describe(): string {
    return this.kind;
  }
}

@Task('order')
class Order {
  constructor(private readonly prefix: string) {}
  async start(@Input() input: OrderInput, task: TaskContext): Promise<number> {
    // A default reads as its plain type.
    const urgent: boolean = input.urgent;
    const tag: string = this.prefix + (input.tags[0] ?? task.id) + urgent;
    return tag.length + input.since.getTime();
  }
}

const whole = {
  id: 1,
  due: '2030-01-01T00:00:00Z',
  address: { zip: '1' },
  stops: [{ zip: '1' }, { zip: '2', country: 'at' as const }],
  pair: [1, new Date()] as const,
  meta: { any: ['thing'] },
  limits: { a: 1 },
  parent: null,
  kind: 'a' as const,
};

start(Order, whole);
start(Order, { ...whole, note: undefined, urgent: true, since: new Date(), billing: { zip: '3' }, tags: ['x'] });
same<OutputOf<typeof Order>, number>(true);

// @ts-expect-error the input is missing
start(Order);
// @ts-expect-error most properties are missing
start(Order, { id: 1 });
// @ts-expect-error a wrong name
start(Order, { ...whole, urgend: true });
// @ts-expect-error a wrong name within
start(Order, { ...whole, billing: { zip: '3', city: 'x' } });
// @ts-expect-error a wrong name within a list
start(Order, { ...whole, stops: [{ zip: '1', city: 'x' }] });
// @ts-expect-error a missing property within
start(Order, { ...whole, billing: {} });
// @ts-expect-error a wrong type
start(Order, { ...whole, id: '1' });
// @ts-expect-error a wrong type of a default
start(Order, { ...whole, urgent: 'yes' });
// @ts-expect-error a wrong type within
start(Order, { ...whole, billing: { zip: 3 } });
// @ts-expect-error a wrong literal of a default
start(Order, { ...whole, billing: { zip: '3', country: 'fr' } });
// @ts-expect-error a number is no date
start(Order, { ...whole, due: 5 });
// @ts-expect-error null is no default
start(Order, { ...whole, urgent: null });
// @ts-expect-error a method is no property
start(Order, { ...whole, describe: () => 'x' });
// @ts-expect-error a wrong element
start(Order, { ...whole, tags: [1] });
// @ts-expect-error an unknown literal
start(Order, { ...whole, kind: 'c' });

class ProbeInput {
  url!: string;
  timeoutMs: Default<number> = 5_000;
}

class OnlyInput {
  start(@Input() input: ProbeInput): string {
    return input.url;
  }
}
startWith(OnlyInput, { url: 'x' });
startWith(OnlyInput, { url: 'x', timeoutMs: 3 });
same<InputOf<typeof OnlyInput>, { readonly url: string; readonly timeoutMs?: number | undefined }>(true);
same<OutputOf<typeof OnlyInput>, string>(true);
// @ts-expect-error a wrong name
startWith(OnlyInput, { url: 'x', timeoutMS: 3 });
// @ts-expect-error a missing property
startWith(OnlyInput, { timeoutMs: 3 });

class PropertyInput {
  @Input() input!: ProbeInput;
  async start(task: TaskContext): Promise<{ ok: boolean }> {
    return { ok: task.id === this.input.url };
  }
}
start(PropertyInput, { url: 'x' });
same<OutputOf<typeof PropertyInput>, { ok: boolean }>(true);
// @ts-expect-error a wrong type
start(PropertyInput, { url: 1 });
// @ts-expect-error the input is missing
start(PropertyInput);

class PropertyAndNoParameter {
  @Input() input!: ProbeInput;
  start(): void {}
}
start(PropertyAndNoParameter, { url: 'x' });
// @ts-expect-error a missing property
start(PropertyAndNoParameter, {});

class ContextOnly {
  start(task: TaskContext): void {
    task.log;
  }
}
start(ContextOnly);
start(ContextOnly, {});
// @ts-expect-error it takes no input
start(ContextOnly, { url: 'x' });

class Nothing {
  start(): void {}
}
start(Nothing);
start(Nothing, {});
// @ts-expect-error it takes no input
start(Nothing, { url: 'x' });

class None {}
class Empty {
  start(@Input() input: None): unknown {
    return input;
  }
}
start(Empty);
// @ts-expect-error its input has no properties
start(Empty, { url: 'x' });

class AllDefault {
  size: Default<number> = 1;
}
class Optional {
  start(@Input() input: AllDefault): number {
    return input.size;
  }
}
start(Optional);
start(Optional, { size: 2 });
// @ts-expect-error a wrong type
start(Optional, { size: '2' });

class Page<Item> {
  items!: Item[];
}
class NumberPage extends Page<number> {}
class Generic {
  start(@Input() input: NumberPage): number[] {
    return input.items;
  }
}
start(Generic, { items: [1] });
// @ts-expect-error a wrong element
start(Generic, { items: ['1'] });

class Hooked {
  start(): void {}
  @OnEvent('success') onSuccess(): void {}
  // @ts-expect-error a hook is a method
  @OnEvent('success') text = '';
}
start(Hooked);

// @ts-expect-error a task has a method start
@Task('unstartable')
class Unstartable {}

// @ts-expect-error it must be called
@Task
class Uncalled {
  start(): void {}
}

// @ts-expect-error an unknown option
@Task('optioned', { concurency: 1 })
class Optioned {
  start(): void {}
}

class Misplaced {
  // @ts-expect-error a constructor takes no input
  constructor(@Input() readonly input: ProbeInput) {}
  // @ts-expect-error a method is no property
  @Input() start(): void {}
}

export const declared = [Unstartable, Uncalled, Optioned, Misplaced];
