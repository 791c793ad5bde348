import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(__dirname, '../..');
const SOURCE = readFileSync(join(__dirname, 'input-types.ts'), 'utf8');

/** What the compiler says of a text that stands where the type tests stand. */
function compile(text: string): { ok: boolean; errors: number } {
  // Within the project, so that packages and sources are found.
  const folder = mkdtempSync(join(__dirname, '.compiled-'));
  try {
    writeFileSync(join(folder, 'input-types.ts'), text.replaceAll("'../../src/", "'../../../src/"));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../../tsconfig.json', include: ['input-types.ts'] }),
    );
    const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    return { ok: status === 0, errors: stdout.split('\n').filter((line) => /^\S+: error TS/.test(line)).length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the types of inputs', () => {
  test('all right uses are accepted and all wrong ones refused', () => {
    expect(compile(SOURCE)).toEqual({ ok: true, errors: 0 });
  });

  test('each wrong use is refused for itself', () => {
    const expectations = SOURCE.match(/@ts-expect-error/g)?.length;
    expect(expectations).toBeGreaterThan(20);
    expect(compile(SOURCE.replaceAll('@ts-expect-error', ''))).toEqual({ ok: false, errors: expectations });
  });

  test('an expectation that no longer holds would be noticed', () => {
    const stale = SOURCE.replace('start(Nothing);', '// @ts-expect-error\nstart(Nothing);');
    expect(compile(stale)).toEqual({ ok: false, errors: 1 });
  });
});
