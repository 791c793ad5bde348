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

describe('the blocks of TypeScript in the pages', () => {
  test('compile, every one of them', () => {
    const blocks = PAGES.flatMap(readPage);
    expect(blocks.length).toBeGreaterThan(80);
    expect(typeCheck(blocks)).toEqual([]);
  });

  test('are of both libraries in the page that compares them, and a mistake in either is told with its line', () => {
    const theirs = 'await queue.setGlobalConcurrency(10);';
    const ours = "await client.start(Probe, { url: 'https://example.com' }, { deadline: '5m' });";
    const blocks = readPage(BULLMQ);
    const broken = blocks.map((block) => ({
      ...block,
      code: block.code
        .replace(theirs, "await queue.setGlobalConcurrency('10');")
        .replace(ours, ours.replace('url', 'uri')),
    }));
    expect(typeCheck(broken).filter((line) => line.startsWith('docs'))).toEqual([
      expect.stringMatching(`^${BULLMQ}:${lineOf(ours, blocks)}:29: error TS`),
      expect.stringMatching(`^${BULLMQ}:${lineOf(theirs, blocks)}:34: error TS`),
    ]);
  });
});

describe('a block', () => {
  const page = (...lines: string[]) => blocksOf('a.md', lines.join('\n'));

  test('goes on with what those before it declare and import, hidden ones too, and knows nothing of other pages', () => {
    const blocks = page(
      '<!-- ts one.ts',
      'export const one = 1;',
      '-->',
      '```ts',
      "import { join } from 'node:path';",
      'const { two, three: four } = { two: one + 1, three: join() };',
      '```',
      'Text.',
      '```ts',
      'const one: string = join(String(two), four);',
      '```',
    );
    const elsewhere = blocksOf('b.md', '```ts\none;\n```');
    expect(typeCheck([...blocks, ...elsewhere])).toEqual(["b.md:2:1: error TS2304: Cannot find name 'one'."]);
  });

  test('is checked as strictly as the sources', () => {
    expect(typeCheck(page('```ts', 'const [first] = [1, 2].slice();', 'first.toFixed();', '```'))).toEqual([
      expect.stringMatching(/^a\.md:3:1: error TS18048/),
    ]);
  });

  test.each([
    [['```ts', 'let one;'], 'a.md:1: the block has no end'],
    [['', '```typescript', '```'], 'a.md:2: write ```ts'],
    [['  ```ts', '  ```'], 'a.md:1: write ```ts'],
  ])('that would be overlooked is refused: %j', (lines, message) => {
    expect(() => page(...lines)).toThrow(message);
  });
});

function lineOf(text: string, blocks: readonly PageBlock[]): number | undefined {
  for (const { line, code } of blocks) {
    const place = code.split('\n').indexOf(text);
    if (place >= 0) return line + place;
  }
  return undefined;
}
