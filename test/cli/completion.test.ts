import { GuardedProcess } from '../support/guarded-process';
import { MAIN, runCli } from './run-cli';

/** What bash does at a Tab, with the words of the line in place and the cursor at the end of the last. */
const TAB = `
set -euo pipefail
taskwarden() { '${process.execPath}' '${MAIN}' "$@"; }
source <(taskwarden completion bash)
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
$(complete -p taskwarden | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]}"
`;

async function completions(...words: readonly string[]): Promise<string[]> {
  const bash = await GuardedProcess.start('bash', ['-c', TAB, 'bash', 'taskwarden', ...words]);
  await bash.exited;
  expect(bash.stderrLines).toEqual([]);
  return bash.stdoutLines.filter((word) => word !== '');
}

test('bash completes commands and their flags', async () => {
  expect(await completions('st')).toEqual(expect.arrayContaining(['start', 'stop']));
  expect(await completions('pau')).toEqual(['pause']);
  expect(await completions('start', '--pri')).toEqual(['--priority']);
  expect(await completions('remove', '--')).toEqual(
    expect.arrayContaining(['--task', '--state', '--queue', '--yes', '--dry-run']),
  );
  expect(await completions('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
});

test('a Tab runs nothing of what stands on the line', async () => {
  expect(await completions('stop', '$(echo ran >&2)', '--dry')).toEqual(['--dry-run']);
});

test('a module is completed as a file', async () => {
  const { output } = await runCli(['complete', '--', 'worker', 'src/ta']);
  expect(output).toEqual([':0']);
});

test.each([
  ['zsh', '#compdef taskwarden'],
  ['fish', 'complete -c taskwarden'],
])('there is a script for %s', async (shell, part) => {
  const { code, output } = await runCli(['completion', shell]);
  expect(output.join('\n')).toContain(part);
  expect(code).toBe(0);
});

test('another shell is refused with those that there are', async () => {
  const { code, errors } = await runCli(['completion', 'tcsh']);
  expect(errors.join('\n')).toContain('Allowed choices are bash, zsh, fish');
  expect(code).toBe(2);
});
