/** Task classes as somebody would write them, for a worker that the command line runs. */
export const TASKS_TS = `
import { IsInt, IsString } from 'class-validator';
import { Input, Task, TaskContext, TaskError } from 'taskwarden';

class SumInput {
  @IsInt({ each: true }) numbers!: number[];
  @IsString() label: string = 'sum';
}

@Task('sum')
export class Sum {
  async start(@Input(SumInput) { numbers, label }: SumInput, task: TaskContext) {
    await task.emit('adding', { count: numbers.length });
    if (numbers.length === 0) throw new TaskError('nothing to add');
    return { [label]: numbers.reduce((sum, number) => sum + number, 0) };
  }
}

@Task('endless')
export class Endless {
  async start(task: TaskContext) {
    await task.emit('began', null);
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  }
}

export const HELPER = 1;
`;

/** One that TypeScript has no part in: CommonJS, with the decorator called by hand. */
export const TASK_CJS = `
const { Task } = require('taskwarden');
class Ping { start() { return 'pong'; } }
Task('ping')(Ping);
exports.Ping = Ping;
exports.limit = 3;
`;
