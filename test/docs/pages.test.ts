import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blocksOf, type PageBlock, readPage, typeCheck } from '../support/page-blocks';

/**
 * Blocks of a page are read as one goes down the page: a block may use what those before it have declared or imported. What the page does
 * not show, such as a `client` that the text speaks of, stands in a comment: `<!-- ts`, the code, `-->`.
 */
const GUIDES = resolve(__dirname, '../../docs/guides');
const BULLMQ = 'docs/coming-from-bullmq.md';
const PAGES = ['README.md', BULLMQ, ...readdirSync(GUIDES).map((name) => join('docs/guides', name))];

const THEIRS = 'await queue.setGlobalConcurrency(10);';
const OURS = "await client.start(Probe, { url: 'https://example.com' }, { deadline: '5m' });";

const ON = [
  '<!-- ts one.ts',
  'export const one = 1;',
  '-->',
  '```ts',
  "import { join } from 'node:path';",
  'const { two, three: four } = { two: one + 1, three: join() };',
  '```',
  'Text.',
  '```ts',
  'const five: string = join(String(two), four);',
  '```',
];
const STRICT = ['```ts', 'const [first] = [1, 2].slice();', 'first.toFixed();', '```'];

const page = (name: string, lines: readonly string[]) => blocksOf(name, lines.join('\n'));

let blocks: readonly PageBlock[];
/** What is wrong, of all pages: one run of the compiler for all tests. */
let told: readonly string[];

beforeAll(() => {
  blocks = PAGES.flatMap(readPage);
  const broken = readPage(BULLMQ).map((block) => ({
    ...block,
    page: 'broken.md',
    code: block.code.replace(THEIRS, THEIRS.replace('10', "'10'")).replace(OURS, OURS.replace('url', 'uri')),
  }));
  const made = [page('on.md', ON), page('apart.md', ['```ts', 'five;', '```']), page('strict.md', STRICT)];
  told = typeCheck([...blocks, ...broken, ...made.flat()]);
});

const toldOf = (...pages: string[]) => told.filter((message) => pages.some((name) => message.startsWith(`${name}:`)));

describe('the blocks of TypeScript in the pages', () => {
  test('compile, every one of them', () => {
    expect(blocks.length).toBeGreaterThan(80);
    expect(toldOf(...PAGES)).toEqual([]);
    // Nor is there anything to be said of no page, such as an option that the compiler does not know.
    expect(told.filter((message) => !/^\S+\.md:/.test(message))).toEqual([]);
  });

  test('are of both libraries in the page that compares them, and a mistake in either is told with its line', () => {
    expect(toldOf('broken.md').sort()).toEqual([
      expect.stringMatching(`^broken.md:${lineOf(OURS)}:29: error TS`),
      expect.stringMatching(`^broken.md:${lineOf(THEIRS)}:34: error TS`),
    ]);
  });
});

describe('a block', () => {
  test('goes on with what those before it declare and import, hidden ones too', () => {
    expect(toldOf('on.md')).toEqual([]);
  });

  test('knows nothing of other pages', () => {
    expect(toldOf('apart.md')).toEqual(["apart.md:2:1: error TS2304: Cannot find name 'five'."]);
  });

  test('is checked as strictly as the sources', () => {
    expect(toldOf('strict.md')).toEqual([expect.stringMatching(/^strict\.md:3:1: error TS18048/)]);
  });

  test.each([
    [['```ts', 'let one;'], 'a.md:1: the block has no end'],
    [['', '```typescript', '```'], 'a.md:2: write ```ts'],
    [['  ```ts', '  ```'], 'a.md:1: write ```ts'],
  ])('that would be overlooked is refused: %j', (lines, message) => {
    expect(() => page('a.md', lines)).toThrow(message);
  });
});

/** In the page that compares. */
function lineOf(text: string): number | undefined {
  for (const { line, code } of blocks.filter((block) => block.page === BULLMQ)) {
    const place = code.split('\n').indexOf(text);
    if (place >= 0) return line + place;
  }
  return undefined;
}
