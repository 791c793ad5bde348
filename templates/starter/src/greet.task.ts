import { IsInt, IsString, Length, Max, Min } from 'class-validator';
import { type Default, Input, Task, TaskContext } from 'taskwarden';
import { Greetings } from './greetings';

export class GreetInput {
  @IsString() @Length(1, 100) name!: string;
  @IsInt() @Min(1) @Max(10) times: Default<number> = 1;
}

@Task('greet')
export class Greet {
  constructor(private readonly greetings: Greetings) {}

  async start(@Input() { name, times }: GreetInput, task: TaskContext): Promise<string> {
    for (let greeted = 1; greeted <= times; greeted++) {
      task.signal.throwIfAborted();
      await task.emit('greeted', { name, greeted });
    }
    return this.greetings.for(name);
  }
}
