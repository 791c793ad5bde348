import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What differs from the options of the sources: a block may await at its top level. */
const COMPILER_OPTIONS = {
  module: 'preserve',
  moduleResolution: 'bundler',
  types: ['node'],
  noEmit: true,
};

/** What opens a block: a fence, or a comment that readers do not see. A name after `ts` is that of its file. */
const OPENING = /^(```|<!-- )ts(?: ([\w-]+\.ts))?$/;
const OTHER_OPENING = /^\s*(?:```|~~~|<!--)\s*(?:ts|typescript)\b/;
const CLOSING = { '```': '```', '<!-- ': '-->' } as const;
const DECLARATION =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|enum|const|let|(?:async )?function\*?) (\w+)/gm;
const TAKEN_APART = /^(?:export )?(?:declare )?(?:const|let) [{[]([^=]*)[}\]] =/gm;
const IMPORT = /^import (type )?\{([^}]*)\} from ('[^']*')/gm;

/** A block of TypeScript in a page. */
export interface PageBlock {
  /** From the repository's root. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** What other blocks import it by, where it says so: `probe.ts`. */
  readonly file: string | undefined;
}

export function readPage(page: string): PageBlock[] {
  return blocksOf(page, readFileSync(join(ROOT, page), 'utf8'));
}

/** The blocks of a page, hidden ones included. */
export function blocksOf(page: string, markdown: string): PageBlock[] {
  const lines = markdown.split('\n');
  const blocks: PageBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const opening = OPENING.exec(line);
    if (!opening) {
      if (OTHER_OPENING.test(line)) throw new Error(`${page}:${at + 1}: write \`\`\`ts, at the beginning of the line`);
      continue;
    }
    const [, mark, file] = opening;
    const end = lines.indexOf(CLOSING[mark as keyof typeof CLOSING], at);
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`);
    blocks.push({ page, line: at + 2, code: lines.slice(at + 1, end).join('\n'), file });
    at = end;
  }
  return blocks;
}

/**
 * Type-checks blocks as strictly as our sources, all in one run of the compiler. Each is a module; a name that it neither declares nor
 * imports is that of the nearest earlier block of its page that does.
 * @returns What is wrong, each with page, line and column: `README.md:12:3: error TS2304: …`.
 */
export function typeCheck(blocks: readonly PageBlock[]): string[] {
  // Not within the project, whose files are looked at by other tests meanwhile.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'pages-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = modulesOf(blocks);
    for (const [path, { text }] of files) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: COMPILER_OPTIONS,
      files: [...files.keys()],
      include: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout, stderr, status } = spawnSync(process.execPath, [COMPILER, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    // What a message goes on with is indented.
    const told = `${stdout}${stderr}`.split(/\n(?! )/).filter((message) => message !== '');
    if (status !== 0 && told.length === 0) throw new Error('The compiler failed and said nothing.');
    return told.flatMap((message) => inPage(message, files));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface BlockModule {
  readonly block: PageBlock;
  readonly text: string;
  /** Characters that stand before the code in the first line. */
  readonly shift: number;
}

/** By their paths below the folder of the compilation. */
function modulesOf(blocks: readonly PageBlock[]): Map<string, BlockModule> {
  const files = new Map<string, BlockModule>();
  const homes = new Map<string, Map<string, string>>();
  for (const [index, block] of blocks.entries()) {
    const home = homes.get(block.page) ?? new Map<string, string>();
    homes.set(block.page, home);
    const declared = namesDeclared(block.code);
    const imported = namesImported(block.code);
    const borrowed = [...home].filter(
      ([name]) => !declared.has(name) && !imported.has(name) && new RegExp(`(?<!\\.)\\b${name}\\b`).test(block.code),
    );
    const imports = borrowed.map(([, statement]) => `${statement}; `).join('');
    const exported = [...declared].filter(([, isExported]) => !isExported).map(([name]) => name);
    const file = block.file === undefined ? `block-${index}` : basename(block.file, '.ts');
    const text = `${imports}${block.code}\nexport { ${exported.join(', ')} };\n`;
    files.set(`${block.page.replaceAll(/\W/g, '-')}/${file}.ts`, { block, text, shift: imports.length });
    for (const name of declared.keys()) home.set(name, `import { ${name} } from './${file}'`);
    for (const [name, statement] of imported) home.set(name, statement);
  }
  return files;
}

/** Names that stand at the top level of a block -> whether it exports them itself. */
function namesDeclared(code: string): Map<string, boolean> {
  const names = new Map<string, boolean>();
  for (const [text, name] of code.matchAll(DECLARATION)) names.set(name as string, text.startsWith('export'));
  for (const [text, list = ''] of code.matchAll(TAKEN_APART)) {
    for (const part of list.split(',')) {
      const name = /(\w+)\s*(?:=.*)?$/.exec(part.trim())?.[1];
      if (name !== undefined) names.set(name, text.startsWith('export'));
    }
  }
  return names;
}

/** Names that a block imports -> a statement that imports the one alone. */
function namesImported(code: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, type = '', list = '', from = ''] of code.matchAll(IMPORT)) {
    for (const part of list.split(',').map((one) => one.trim())) {
      const name = /(\w+)$/.exec(part)?.[1];
      if (name !== undefined) names.set(name, `import ${type}{ ${part} } from ${from}`);
    }
  }
  return names;
}

/** A message of the compiler, with the place in the page in place of that in the module; none for what concerns our imports alone. */
function inPage(told: string, files: ReadonlyMap<string, BlockModule>): string[] {
  const [, path = '', line = '', column = '', message = ''] = /^(\S+)\((\d+),(\d+)\): (.*)$/s.exec(told) ?? [];
  const file = files.get(path);
  if (!file) return [told];
  const at = Number(column) - (line === '1' ? file.shift : 0);
  // A name that only looks as if it were one of an earlier block.
  if (at <= 0 && message.includes('TS6133')) return [];
  return [`${file.block.page}:${file.block.line + Number(line) - 1}:${at}: ${message}`];
}
