import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

test('the guide shows the example that is run', () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/guides/testing-faults.md'), 'utf8')) ?? [];
  const [, ...example] = readFileSync(join(ROOT, 'examples/surviving-crashes.ts'), 'utf8').split('\n');
  expect(code).toBe(example.join('\n'));
});

test('the main entry does not bring the fault kit along', () => {
  jest.isolateModules(() => {
    const { faultyStore, FaultProxy, WorkerProcess } = require('../../src');
    expect([faultyStore, FaultProxy, WorkerProcess]).toEqual([undefined, undefined, undefined]);
  });
});
