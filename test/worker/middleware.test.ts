import { Injectable } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import { TaskContext } from '../../src/task/task-context';
import type { Middleware, MiddlewareClass, MiddlewareFunction, Next } from '../../src/worker/middleware';
import { Desk } from '../app/desk';
import { Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('noting')
class Noting {
  constructor(private readonly desk: Desk) {}

  async start(): Promise<string> {
    this.desk.notes.push('start');
    return 'output';
  }
}

@Injectable()
class Classy implements Middleware {
  constructor(
    private readonly desk: Desk,
    private readonly injected: TaskContext,
  ) {}

  async use(task: TaskContext, next: Next): Promise<unknown> {
    this.desk.notes.push(`class in ${task.name}, ${this.injected === task}`);
    const output = await next();
    this.desk.notes.push('class out');
    return output;
  }

  dispose(): void {
    this.desk.notes.push('class disposed');
  }
}

describe('middleware', () => {
  const stage = Stage.use();
  let desk: Desk;

  beforeEach(() => {
    desk = new Desk();
  });

  function note(name: string): MiddlewareFunction {
    return async (task, next) => {
      desk.notes.push(`${name} in ${task.id}`);
      const output = await next();
      desk.notes.push(`${name} out ${output}`);
      return output;
    };
  }

  async function run(...middleware: (MiddlewareFunction | MiddlewareClass)[]): Promise<unknown> {
    const app = await stage().app({ tasks: [Noting], providers: [Desk.provide(desk)], middleware });
    const handle = await app.client.start(Noting, {}, { id: 'a' });
    return handle.result({ timeout: '5s' });
  }

  test('wraps the run, the first outermost', async () => {
    expect(await run(note('one'), note('two'))).toBe('output');
    expect(desk.notes).toEqual(['one in a', 'two in a', 'start', 'two out output', 'one out output']);
  });

  test('may be a class with services injected, the context of the run among them; one instance a run', async () => {
    expect(await run(note('one'), Classy)).toBe('output');
    const [into, out] = [
      ['one in a', 'class in noting, true', 'start'],
      ['class out', 'one out output'],
    ];
    await eventually(() => expect(desk.notes).toEqual([...into, ...out, 'class disposed']));
  });

  test('that does not go on decides the output, and start is not called', async () => {
    expect(await run(() => 'instead', note('two'))).toBe('instead');
    expect(desk.notes).toEqual([]);
  });

  test('may change the output', async () => {
    expect(await run(async (_task, next) => `[${await next()}]`)).toBe('[output]');
  });

  test('that throws ends the task as EXCEPTION', async () => {
    const throwing = () => {
      throw new Error('no entry');
    };
    await expect(run(throwing)).rejects.toMatchObject({
      state: 'EXCEPTION',
      output: expect.stringContaining('no entry'),
    });
  });

  test('that throws a TaskError ends the task as ERROR', async () => {
    await expect(run(() => Promise.reject(new TaskError('no entry')))).rejects.toMatchObject({
      state: 'ERROR',
      output: 'no entry',
    });
  });

  test('may catch what start threw', async () => {
    const saving: MiddlewareFunction = (_task, next) => next().catch(() => 'saved');
    const throwing = () => {
      throw new Error('lost');
    };
    expect(await run(saving, throwing)).toBe('saved');
  });

  test('that calls next twice does not run the task twice', async () => {
    await run(async (_task, next) => {
      await next();
      return next();
    }).catch(() => {});
    expect(desk.notes).toEqual(['start']);
  });

  test('whose constructor throws ends the task as EXCEPTION', async () => {
    class Broken implements Middleware {
      constructor() {
        throw new Error('cannot be made');
      }

      use(): void {}
    }
    await expect(run(Broken)).rejects.toMatchObject({ state: 'EXCEPTION' });
    expect(desk.notes).toEqual([]);
  });
});
