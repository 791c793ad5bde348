import { resolve } from 'node:path';
import { checkArchitecture, readSourceFiles } from './support/architecture';

function check(path: string, ...lines: string[]): string[] {
  return checkArchitecture([{ path, text: `${lines.join('\n')}\n` }]);
}

test('the source keeps the rules of the architecture', () => {
  const files = readSourceFiles(resolve(__dirname, '..'));
  expect(files.map(({ path }) => path)).toContain('src/index.ts');
  expect(checkArchitecture(files)).toEqual([]);
});

describe('an import upward is reported with its file and line', () => {
  test.each([
    ['a plain one', ["import { App } from '../app/app';"], 1],
    ['of a type only', ['', "import type { App } from '../app/app';"], 2],
    ['over many lines', ['import {', '  App,', '  type AppOptions,', "} from '../app/app';"], 4],
    ['for its effects', ["import '../app/app';"], 1],
    ['a re-export', ["export * from '../app/app';"], 1],
    ['a re-export of a type', ["export type { App } from '../app/app';"], 1],
    ['a dynamic one', ['async function load() {', "  return await import('../app/app');", '}'], 2],
    ['a dynamic one in a template', ['const text = `${', "  (await import('../app/app')).name", '}`;'], 2],
    ['in the place of a type', ["let app: import('../app/app').App;"], 1],
    ['by require', ["import app = require('../app/app');"], 1],
    ['after a comment and a string with quotes', ["// don't", "const quote = '\"';", "import '../app/app';"], 3],
    ['after a regular expression with quotes', ['const quotes = /[\'"`]/;', "import '../app/app';"], 2],
  ])('%s', (_kind, lines, line) => {
    expect(check('src/store/redis/store.ts', ...lines)).toEqual([]);
    expect(check('src/store/store.ts', ...lines)).toEqual([
      `src/store/store.ts:${line}: imports "../app/app": "app" is above "store", imports go down only`,
    ]);
  });

  test('from a folder further down, and to a folder', () => {
    expect(check('src/store/redis/store.ts', "import { run } from '../../worker';")).toEqual([
      'src/store/redis/store.ts:1: imports "../../worker": "worker" is above "store", imports go down only',
    ]);
  });

  test('of a face by the index', () => {
    expect(check('src/cli/commands/ls.ts', "import { createApp } from '../../index';")).toEqual([]);
  });

  test('among the files at the bottom', () => {
    expect(check('src/errors.ts', "import type { Clock } from './clock';")).toHaveLength(1);
    expect(check('src/clock.ts', "import { TaskError } from './errors';")).toEqual([]);
  });
});

describe('imports that are reported', () => {
  test.each([
    ['of the index', 'src/app/app.ts', "import { Task } from '../index';", 'nothing in src imports the index'],
    ['of the root folder', 'src/app/app.ts', "import { Task } from '..';", 'nothing in src imports the index'],
    ['of the package', 'src/app/app.ts', "import { Task } from 'taskwarden';", 'nothing in src imports the index'],
    ['of a test', 'src/cli/main.ts', "import { x } from '../../test/x';", 'src imports nothing outside src'],
    [
      'of a part by a face',
      'src/cli/main.ts',
      "import { App } from '../app/app';",
      'uses the package by its index alone',
    ],
    ['of no layer', 'src/app/app.ts', "import { x } from '../utils/x';", '"utils" is no layer: see LAYERS'],
    ['of timers', 'src/app/app.ts', "import { setTimeout as wait } from 'node:timers/promises';", 'injected Clock'],
    ['of metadata', 'src/app/app.ts', "import 'reflect-metadata';", 'only src/metadata does'],
  ])('%s', (_kind, path, line, message) => {
    expect(check(path, line).join('\n')).toContain(message);
  });

  test('in an order other than node:, packages, ours', () => {
    const lines = ["import { Redis } from 'ioredis';", "import { join } from 'node:path';", "import { x } from './x';"];
    expect(check('test/x.test.ts', ...lines)).toEqual([
      'test/x.test.ts:2: imports "node:path" too late: "node:" first, then packages, then ours',
    ]);
  });

  test('of reflect-metadata a second time', () => {
    const text = "import 'reflect-metadata';\n";
    const files = [1, 2].map((name) => ({ path: `src/metadata/${name}.ts`, text }));
    expect(checkArchitecture(files)).toEqual([
      'src/metadata/2.ts:1: imports "reflect-metadata" once more, src/metadata/1.ts:1 does already',
    ]);
  });
});

describe('code that is reported', () => {
  test.each([
    ['const now = Date.now();'],
    ['const now = new Date();'],
    ['const now = new Date;'],
    ['const now = performance.now();'],
    ['setTimeout(() => {}, 5);'],
    ['globalThis.setInterval(() => {}, 5);'],
    ['setImmediate(() => {});'],
    ['const signal = AbortSignal.timeout(5);'],
    [`const text = \`at \${Date.now()}\`;`],
    [`const text = \`at \${\`again \${Date.now()}\`}\`;`],
    ["Reflect.defineMetadata('a', 1, Target);"],
    ['export default class Task {}'],
    ['export { Task as default };'],
  ])('%s', (line) => {
    expect(check('src/worker/worker.ts', '', line)).toEqual([expect.stringMatching(/^src\/worker\/worker\.ts:2: /)]);
  });

  test('a file of more than 300 lines', () => {
    const lines = Array<string>(301).fill('');
    expect(check('test/x.test.ts', ...lines)[0]).toMatch(/^test\/x\.test\.ts:301: 301 lines/);
    expect(check('test/x.test.ts', ...lines.slice(1))).toEqual([]);
  });
});

test.each([
  ["const text = 'Date.now() of https://example.org';"],
  [`const text = \`setTimeout( \${name} {\`;`],
  ['// Date.now() is for the clock'],
  ['/* export default */'],
  ['const then = new Date(task.startedMs);'],
  ['server.setTimeout(5_000);'],
  ["const pattern = /import '..\\/app\\/app'/;"],
  ["const ids = Array.from('abc');"],
])('not reported: %s', (line) => {
  expect(check('src/worker/worker.ts', line)).toEqual([]);
});

test('imports may stand in any order around one for its effects', () => {
  const lines = ["import { x } from './x';", "import './polyfill';", "import { container } from 'tsyringe';"];
  expect(check('src/metadata/x.ts', ...lines)).toEqual([]);
});
