import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The names that a file of explicit exports lists, a type with a mark. */
function exportsOf(path: string): string[] {
  const text = readFileSync(join(__dirname, path), 'utf8');
  const lists = [...text.matchAll(/export (type )?\{([^}]*)\}/g)];
  return lists
    .flatMap(([, type = '', names = '']) => {
      const listed = names.split(',').map((name) => name.trim());
      return listed.filter((name) => name !== '').map((name) => (name.startsWith('type ') ? name : type + name));
    })
    .sort();
}

test('the type test names every export, and what is a type alone', () => {
  expect(exportsOf('../../src/index.ts').length).toBeGreaterThan(100);
  expect(exportsOf('exports.ts')).toEqual(exportsOf('../../src/index.ts'));
});
