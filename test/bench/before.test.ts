import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const bench = resolve(__dirname, '../../bench');

/** All that ends before anything is installed, built or run. */
function runBench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${bench}/main.mjs`, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The value of an expression in which a module of the bench is `it`. */
function evaluate(module: string, expression: string): unknown {
  const script = `const it = await import(${JSON.stringify(pathToFileURL(`${bench}/${module}`).href)});
    console.log(JSON.stringify(${expression}));`;
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

const systemsOf = (...args: string[]) =>
  evaluate('harness/options.mjs', `it.readOptions(${JSON.stringify(args)}).systems`);

test('an earlier commit is measured where one is given, beside ours', () => {
  expect(systemsOf()).not.toContain('before');
  expect(systemsOf('--before', 'HEAD')).toEqual(expect.arrayContaining(['taskwarden', 'before', 'bullmq', 'ceiling']));
  expect(systemsOf('--before', 'HEAD', '--systems', 'bullmq,taskwarden')).toEqual(['bullmq', 'taskwarden', 'before']);
  expect(systemsOf('--before', 'HEAD', '--systems', 'before,taskwarden')).toEqual(['taskwarden', 'before']);
});

test.each([
  [
    'a commit that is none',
    ['--before', 'no-such-commit'],
    '--before: "no-such-commit" is no commit of this repository.',
  ],
  ['a commit like an option', ['--before=--all'], '--before: "--all" is no commit of this repository.'],
  ['no commit', ['--systems', 'taskwarden,before'], '"before" needs --before with a commit.'],
  [
    'nothing to compare it with',
    ['--before', 'HEAD', '--systems', 'bullmq'],
    '--before is compared with taskwarden: name that in --systems too.',
  ],
])('%s is told in one line', (_what, args, message) => {
  expect(runBench(...args)).toEqual({ status: 1, stdout: '', stderr: `${message}\n` });
});

test('the help tells of it', () => {
  expect(runBench('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--before COMMIT') });
});

test('the table has a ratio for each measure of both, in bold where all samples are worse', () => {
  const measures = [
    { key: 'rate', unit: '/s', better: 'higher' },
    { key: 'ms', title: 'p50', unit: 'ms', better: 'lower' },
    { key: 'ours', unit: '', better: 'lower' },
  ];
  const samples = {
    taskwarden: { rate: [90, 91, 92], ms: [1, 2, 3], ours: [1] },
    before: { rate: [100, 101, 102], ms: [2, 2, 2] },
  };
  const results = JSON.stringify([{ title: 'drain', measures, samples }]);
  expect(evaluate('harness/against.mjs', `it.againstBefore(${results}, 'then')`)).toEqual([
    ['case', 'taskwarden', 'then', 'now / before', 'better is'],
    ['drain', '91.0/s ±2%', '101/s ±1%', '**0.901**', 'higher'],
    ['drain: p50', '2.00 ms ±50%', '2.00 ms ±0%', '1.000', 'lower'],
  ]);
});
