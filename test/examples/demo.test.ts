import { join } from 'node:path';
import { runScript } from '../support/child-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { Link, manyPackages, TemporaryFolder, type Tree } from './package-tree';
import { runExample } from './run-example';

const MAIN = 'demo/main';

const ODD_TREE: Tree = {
  'tree/good/package.json': { name: 'good', version: '1.0.0', license: 'MIT', main: './lib/start' },
  'tree/good/lib/start.js': '// Found without its ending.',
  'tree/good/test/fixtures/inner/package.json': { name: 'no package of its own: it belongs to good' },
  'tree/good/node_modules/nested/package.json': {
    name: 'nested',
    version: '2.0.0',
    licenses: [{ type: 'MIT' }, 'ISC'],
  },
  'tree/good/node_modules/circle': new Link('../..'),
  'tree/@scope/scoped/package.json': { name: '@scope/scoped', license: { type: 'ISC' }, exports: './missing.js' },
  'tree/index/package.json': '\uFEFF{"name":"index","version":"0.1.0","license":"MIT"}',
  'tree/index/index.js': 'x'.repeat(2_000),
  'tree/bare/package.json': {},
  'tree/lost/package.json': { name: 'lost', version: '1.2.3', license: 'MIT', main: 'dist/gone.js' },
  'tree/list/package.json': [],
  'tree/broken/package.json': '{ "name": broken }',
  'tree/folder/package.json/file': '',
  'tree/no-package/readme': '',
  'tree/linked': new Link('../elsewhere/linked'),
  'tree/everything': new Link('/'),
  'tree/circle': new Link('.'),
  'tree/dangling': new Link('nowhere'),
  'elsewhere/linked/package.json': { name: 'linked', version: '3.0.0', license: 'MIT' },
};

const ODD_TREE_PRINTED = `
Licences
┌────────────┬──────────┐
│ Licence    │ Packages │
├────────────┼──────────┤
│ MIT        │        4 │
│ ISC        │        1 │
│ MIT OR ISC │        1 │
│ none named │        1 │
└────────────┴──────────┘

The 7 largest
┌───────────────┬─────────┬────────┬───────┐
│ Package       │ Version │   Size │ Files │
├───────────────┼─────────┼────────┼───────┤
│ index         │ 0.1.0   │ 2.1 kB │     2 │
│ good          │ 1.0.0   │  150 B │     3 │
│ @scope/scoped │ ?       │   74 B │     1 │
│ lost          │ 1.2.3   │   71 B │     1 │
│ nested        │ 2.0.0   │   69 B │     1 │
│ linked        │ 3.0.0   │   51 B │     1 │
│ bare          │ ?       │    2 B │     1 │
└───────────────┴─────────┴────────┴───────┘

Problems: 5
┌────────┬────────────────────────────────────────────────────────────────────────────────────────────────────────┐
│ Folder │ Problem                                                                                                │
├────────┼────────────────────────────────────────────────────────────────────────────────────────────────────────┤
│ bare   │ no licence named                                                                                       │
│ broken │ package.json cannot be read: Unexpected token                                                          │
│ folder │ package.json cannot be read: it is not a file                                                          │
│ list   │ package.json cannot be read: it holds no JSON object                                                   │
│ lost   │ main "dist/gone.js" does not exist                                                                     │
└────────┴────────────────────────────────────────────────────────────────────────────────────────────────────────┘

10 packages, 10 files, 2.5 kB in N s`;

const redis = useServer(() => startRedis());
const oddTree = useFolder(ODD_TREE);

function useFolder(tree: Tree): () => string {
  let folder: TemporaryFolder | undefined;
  beforeAll(async () => {
    folder = await TemporaryFolder.make(tree);
  });
  afterAll(() => folder?.remove());
  return () => folder?.path ?? '';
}

function audit(folder: string, url?: string) {
  return runExample(MAIN, url, { args: [folder] });
}

describe('the demo', () => {
  test('audits an odd tree on the embedded store: links, scopes, nesting, all forms of licences, bad manifests', async () => {
    const folder = join(oddTree(), 'tree');
    const { code, output, errors } = await audit(folder);
    expect(output[0]).toBe(`Auditing 10 packages in ${folder}, on the embedded store`);
    expect(withoutVariations(output.slice(1))).toBe(withoutVariations(ODD_TREE_PRINTED.split('\n')));
    // No terminal: lines instead of a bar. The quarters that pass between two of them are left out.
    expect(errors.at(-1)).toBe('100%: 10 of 10 packages');
    expect(code).toBe(0);
  });

  test('finds the same on a Redis, and leaves nothing there that does not expire', async () => {
    const { code, output } = await audit(join(oddTree(), 'tree'), redis().url);
    expect(output[1]).toBe(`To help, in another terminal: REDIS_URL=${redis().url} npm run demo -- --worker`);
    expect(withoutVariations(output.slice(2))).toBe(withoutVariations(ODD_TREE_PRINTED.split('\n')));
    expect(code).toBe(0);
    expect(await lastingKeys()).toEqual([]);
  });

  test('a second process helps, until the audit is over', async () => {
    const tree = await TemporaryFolder.make(manyPackages(500));
    const helper = await runScript('build/examples/demo/main.js', {
      args: ['--worker'],
      env: { REDIS_URL: redis().url },
    });
    await helper.waitForLine('Ready to help');
    const { code, output } = await audit(tree.path, redis().url);
    expect(output.at(-1)).toMatch(/^500 packages, 500 files, /);
    expect(code).toBe(0);
    await expect(helper.waitForLine('This worker audited')).resolves.toMatch(/audited [1-9]\d* packages?$/);
    await expect(helper.exited).resolves.toEqual({ code: 0, signal: null });
    await tree.remove();
  });

  test.each([
    ['the embedded store', false],
    ['a Redis', true],
  ])('Ctrl-C on %s ends it with 130, and takes back what waits', async (_, onRedis) => {
    const tree = await TemporaryFolder.make(manyPackages(1_000));
    const env = { REDIS_URL: onRedis ? redis().url : undefined };
    const demo = await runScript('build/examples/demo/main.js', { args: [tree.path], env });
    await demo.waitForLine('Auditing 1,000 packages');
    demo.kill('SIGINT');
    await expect(demo.exited).resolves.toEqual({ code: 130, signal: null });
    expect(demo.stderrLines.at(-1)).toBe('Interrupted');
    expect(await lastingKeys()).toEqual([]);
    await tree.remove();
  });

  test('Ctrl-C ends a helper that waits, with 130', async () => {
    const helper = await runScript('build/examples/demo/main.js', {
      args: ['--worker'],
      env: { REDIS_URL: redis().url },
    });
    await helper.waitForLine('Ready to help');
    helper.kill('SIGINT');
    await expect(helper.exited).resolves.toEqual({ code: 130, signal: null });
  });

  test('says in one line that there are no packages', async () => {
    const folder = join(oddTree(), 'tree/no-package');
    const { code, output } = await audit(folder);
    expect(output).toEqual([`No packages in ${folder}: a package is a folder with a package.json.`]);
    expect(code).toBe(0);
  });
});

describe('wrong usage of the demo is one line that names the remedy, and exit code 2', () => {
  test.each([
    [
      'a folder that does not exist',
      ['/no/such'],
      /^The folder \/no\/such does not exist: name one that holds packages/,
    ],
    ['a file', [__filename], /is not a folder: name one/],
    ['two folders', ['/tmp', '/var'], /^One folder at a time, not 2: /],
    ['an unknown option', ['--wroker'], /^Unknown option '--wroker': try "npm run demo -- --help"\.$/],
    ['a worker without a Redis', ['--worker'], /set REDIS_URL/],
  ])('%s', async (_, args, message) => {
    const { code, output, errors } = await runExample(MAIN, undefined, { args });
    expect(errors).toEqual([expect.stringMatching(message)]);
    expect({ code, output }).toEqual({ code: 2, output: [] });
  });

  test('a REDIS_URL that is none', async () => {
    const { code, errors } = await audit(join(oddTree(), 'tree'), 'localhost');
    expect(errors).toEqual([expect.stringMatching(/^redis is .+: give a URL such as/)]);
    expect(code).toBe(2);
  });
});

test('where Redis does not answer, the demo says so and ends with 1', async () => {
  const { code, errors } = await audit(join(oddTree(), 'tree'), 'redis://127.0.0.1:1');
  expect(errors).toEqual([expect.stringMatching(/^Redis at 127\.0\.0\.1:1 does not answer/)]);
  expect(code).toBe(1);
});

/** The time, and Node's own words on bad JSON with the width of their column, differ between machines. */
function withoutVariations(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .replace(/in [\d.]+ s$/, 'in N s')
        .replace(/Unexpected token.*│$/, 'Unexpected token │')
        .replace(/ {2,}│$/, ' │')
        .replace(/─{20,}/, '─'),
    )
    .join('\n');
}

async function lastingKeys(): Promise<string[]> {
  const connection = redis().connect();
  try {
    const keys = await connection.keys('*');
    const ttls = await Promise.all(keys.map((key) => connection.ttl(key)));
    return keys.filter((_, position) => ttls[position] === -1);
  } finally {
    connection.disconnect();
  }
}
