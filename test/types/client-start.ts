import { IsString } from 'class-validator';
import { type Default, Input, Task, type TaskClient } from '../../src';

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
