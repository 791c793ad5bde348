import { IsString } from 'class-validator';
import { type Default, Input, type StartItem, Task, type TaskClient } from '../../src';

class Required {
  @IsString() name!: string;
}

class Defaulted {
  @IsString() name: Default<string> = 'x';
}

@Task('needs')
class Needs {
  start(@Input() input: Required): string {
    return input.name;
  }
}

@Task('may')
class May {
  start(@Input() input: Defaulted): string {
    return input.name;
  }
}

/** Never called: the compiler is the test. */
export function startsOfTheClient(client: TaskClient): void {
  void client.start(Needs, { name: 'a' });
  void client.start(Needs, { name: 'a' }, { id: 'one' });
  void client.start(May);
  void client.start(May, {}, { id: 'one' });
  // @ts-expect-error The input has a property that must be given.
  void client.start(Needs);
  // @ts-expect-error A misspelt property.
  void client.start(Needs, { nam: 'a' });
  // @ts-expect-error A misspelt option.
  void client.start(Needs, { name: 'a' }, { ident: 'one' });
}

@Task('only', { unique: { key: (input: Required) => input.name, policy: 'throttle', window: '10s' } })
class Only {
  start(@Input() input: Required): string {
    return input.name;
  }
}

/** Never called: the compiler is the test. */
export function uniqueStartsOfTheClient(client: TaskClient): void {
  void client.start(Only, { name: 'a' }).then(({ isNew }): boolean => isNew);
  void client.start(Needs, { name: 'a' }, { unique: { key: 'text', policy: 'debounce', window: 10 } });
  void client.start(Needs, { name: 'a' }, { unique: { key: (input) => input.name.toUpperCase() } });
  void client.start(May, {}, { unique: { key: ({ name }) => name.toUpperCase() } });
  void client.start('elsewhere', {}, { unique: { key: (input: { a: string }) => input.a } });
  void client.startMany(Needs, [{ name: 'a' }], { unique: { key: (input) => input.name } });
  void client.startMany(Needs, [{ name: 'a' }], { unique: false }).then(({ duplicates }): number => duplicates);
  // @ts-expect-error A property that the input has not.
  void client.start(Needs, { name: 'a' }, { unique: { key: (input) => input.nam } });
  // @ts-expect-error A key is a text.
  void client.start(Needs, { name: 'a' }, { unique: { key: () => 7 } });
  // @ts-expect-error A function of another input.
  void client.start(Needs, { name: 'a' }, { unique: { key: (input: { size: number }) => String(input.size) } });
  // @ts-expect-error A misspelt policy.
  void client.start(Needs, { name: 'a' }, { unique: { policy: 'drop' } });
}

/** Never called: the compiler is the test. */
export function bulkStartsOfTheClient(client: TaskClient): void {
  async function* rows(): AsyncGenerator<StartItem<typeof Needs>> {
    yield { name: 'a' };
    yield ['one', { name: 'a' }];
  }
  const names = ['a', 'b'];
  void client.startMany(Needs, [{ name: 'a' }]);
  void client.startMany(Needs, [{ name: 'a' }, ['one', { name: 'b' }]]);
  void client.startMany(Needs, new Map([['one', { name: 'a' }]]));
  void client.startMany(
    Needs,
    names.map((name) => [name, { name }]),
  );
  void client.startMany(Needs, rows(), { cleanup: false, signal: new AbortController().signal });
  void client.startMany(May, [{}, { name: 'a' }]);
  void client.startMany('elsewhere', [{ any: 'thing' }, ['one', { any: 'thing' }]]);
  void client.startMany(Needs, rows(), {
    onStarted: async (handle, index) => {
      const output: string = await handle.result();
      names[index] = output;
    },
  });
  void client.startMany(Needs, rows()).then(({ started, refusedCount, refused }) => {
    const code: 'INPUT_INVALID' | 'JSON_VALUE_INVALID' | 'TASK_ID_INVALID' | 'TASK_EXISTS' | undefined =
      refused[0]?.error.code;
    return [started + refusedCount, code];
  });
  // @ts-expect-error No inputs.
  void client.startMany(Needs);
  // @ts-expect-error One input is no list of them.
  void client.startMany(Needs, { name: 'a' });
  // @ts-expect-error A misspelt property of one of them.
  void client.startMany(Needs, [{ name: 'a' }, { nam: 'b' }]);
  // @ts-expect-error A property too many.
  void client.startMany(Needs, [{ name: 'a', size: 1 }]);
  // @ts-expect-error A wrong type within a pair.
  void client.startMany(Needs, [['one', { name: 1 }]]);
  // @ts-expect-error An id is a text.
  void client.startMany(Needs, [[1, { name: 'a' }]]);
  // @ts-expect-error A Map of other inputs.
  void client.startMany(Needs, new Map([['one', { nam: 'a' }]]));
  // @ts-expect-error A misspelt option.
  void client.startMany(Needs, [{ name: 'a' }], { cleanUp: false });
  // @ts-expect-error Each needs an id of its own: give pairs.
  void client.startMany(Needs, [{ name: 'a' }], { id: 'one' });
}

/** Never called: the compiler is the test. */
export function filtersOfTheClient(client: TaskClient): void {
  void client.list();
  void client.list({ task: [Needs, 'elsewhere'], state: 'WAIT', olderThan: '1h', youngerThan: 7_200_000 });
  void client.removeMany({ state: ['ERROR', 'EXCEPTION'] }, { signal: new AbortController().signal });
  void client.stopMany({ all: true }, { onProgress: ({ looked, matched }) => void (looked + matched) });
  // @ts-expect-error A misspelt state.
  void client.list({ state: 'EROR' });
  // @ts-expect-error A misspelt property.
  void client.restartMany({ sate: 'ERROR' });
  // @ts-expect-error All tasks are asked for by true.
  void client.removeMany({ all: false });
  // @ts-expect-error A filter must be given.
  void client.removeMany();
}
