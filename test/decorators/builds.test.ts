import { join } from 'node:path';
import { transformSync as swc } from '@swc/core';
import { transformSync as esbuild } from 'esbuild';
import { taskDefinition } from '../../src/metadata/task-definition';
import type { TaskClass } from '../../src/task/task-class';
import { expectMistake } from './declaration-mistake';

const IMPORTS = `
  import { IsString } from 'class-validator';
  import { Inject } from './injection';
  import { Input } from './input';
  import { Task } from './task';
  class ProbeInput { @IsString() url!: string }
  class HttpClient {}
`;

/** Runs a module's text as the build named leaves it, beside the decorators. */
function run(code: string): Record<string, TaskClass> {
  const load = (name: string): unknown =>
    require(name.startsWith('.') ? join(__dirname, '../../src/decorators', name) : name);
  const module = { exports: {} as Record<string, TaskClass> };
  new Function('require', 'module', 'exports', code)(load, module, module.exports);
  return module.exports;
}

function runEsbuild(body: string): Record<string, TaskClass> {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
  return run(esbuild(IMPORTS + body, { loader: 'ts', format: 'cjs', target: 'es2022', tsconfigRaw }).code);
}

describe('a build that emits no decorator metadata', () => {
  test('@Input() on a parameter is refused with the form that works', () => {
    const declare = () => runEsbuild(`@Task('probe') export class Probe { start(@Input() input: ProbeInput) {} }`);
    expectMistake(declare, 'Probe.start, parameter 1', 'emits no decorator metadata', '@Input(ProbeInput)');
  });

  test('@Input() on a property is refused with the form that works', () => {
    const declare = () => runEsbuild(`@Task('probe') export class Probe { @Input() input!: ProbeInput; start() {} }`);
    expectMistake(declare, 'Probe.input', 'emits no decorator metadata', '@Input(ProbeInput)');
  });

  test('@Input(ProbeInput) works on a parameter and on a property', () => {
    const { First, Second } = runEsbuild(`
      @Task('first') export class First { start(@Input(ProbeInput) input: ProbeInput) {} }
      @Task('second') export class Second { @Input(ProbeInput) input!: ProbeInput; start() {} }
    `);
    expect(taskDefinition(First as TaskClass).input).toMatchObject({ property: undefined });
    expect(taskDefinition(Second as TaskClass).input).toMatchObject({ property: 'input' });
  });

  test('a constructor parameter is refused with the form that works', () => {
    const declare = () =>
      runEsbuild(`@Task('probe') export class Probe { constructor(readonly http: HttpClient) {} start() {} }`);
    expectMistake(
      declare,
      'Parameter 1 of the constructor of Probe',
      'emits no decorator metadata',
      '@Inject(HttpClient)',
    );
  });

  test('a constructor parameter with @Inject works', () => {
    const declare = () =>
      runEsbuild(
        `@Task('probe') export class Probe { constructor(@Inject(HttpClient) http: HttpClient) {} start() {} }`,
      );
    expect(declare).not.toThrow();
  });
});

describe('a build with standard decorators', () => {
  const runStandard = (body: string) => () =>
    run(esbuild(body, { loader: 'ts', format: 'cjs', target: 'es2022', tsconfigRaw: {} }).code);

  test('is told of the setting that is missing at an @Input', () => {
    const declare = runStandard(`
      import { Input } from './input';
      class ProbeInput {}
      class Probe { @Input(ProbeInput) input!: ProbeInput; start() {} }
    `);
    expectMistake(declare, '@Input', '"experimentalDecorators": true');
  });

  test('is told of the setting that is missing at an @OnEvent', () => {
    const declare = runStandard(`
      import { OnEvent } from './on-event';
      class Probe { start() {} @OnEvent('success') onSuccess() {} }
    `);
    expectMistake(declare, '@OnEvent', '"experimentalDecorators": true');
  });
});

describe('a build with decorator metadata', () => {
  function runSwc(body: string): Record<string, TaskClass> {
    const { code } = swc(body + IMPORTS.replace('class HttpClient {}', ''), {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'commonjs' },
    });
    return run(code);
  }

  test('a constructor parameter of a type-only import is refused', () => {
    const declare = () =>
      runSwc(`
        import type { HttpClient } from './injection';
        @Task('probe') export class Probe { constructor(readonly http: HttpClient) {} start() {} }
      `);
    expectMistake(declare, 'Parameter 1 of the constructor of Probe', 'import type', 'Import the class as a value');
  });

  test('an input of a type-only import is refused', () => {
    const declare = () =>
      runSwc(`
        import type { Foreign } from './injection';
        @Task('probe') export class Probe { start(@Input() input: Foreign) {} }
      `);
    expectMistake(declare, 'Probe.start, parameter 1', 'import type', '@Input(ProbeInput)');
  });
});
