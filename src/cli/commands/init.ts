import { resolve } from 'node:path';
import type { Command } from 'commander';
import { assertEmpty, copyTemplate, nameOf } from '../module/project-template';
import { withExamples } from '../options/examples-help';
import { canAsk, confirm } from '../output/confirm';
import { note } from '../output/note';
import { outputOf, type SharedOptions } from '../session';

export function addInit(program: Command): void {
  const command = program
    .command('init [folder]')
    .description('Makes a project with a task, its test and its worker, in an empty folder')
    .option('-y, --yes', 'does not ask')
    .action(async (folder: string | undefined, _options: unknown, self: Command) => {
      await init(folder ?? '.', self.optsWithGlobals());
    });
  withExamples(command, ['npx taskwarden init my-tasks', 'mkdir tasks && cd tasks && npx taskwarden init --yes']);
}

async function init(given: string, flags: SharedOptions & { readonly yes?: true }): Promise<void> {
  const folder = resolve(given);
  assertEmpty(folder);
  if (!flags.yes && canAsk()) await confirm(`Make the project "${nameOf(folder)}" in ${folder}?`);
  const files = copyTemplate(folder);
  const output = outputOf(flags);
  if (output.isJson) output.json({ folder, files });
  else for (const file of files) output.line(file);
  const there = given === '.' ? '' : `cd ${/^[\w./-]+$/.test(given) ? given : `'${given}'`}, then `;
  note(
    `made ${files.length} files in ${folder}. Next: ${there}npm install, npm test, npm run try; README.md tells the rest.`,
  );
}
