import { Argument, type Command } from 'commander';
import { withExamples } from '../options/examples-help';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** What the scripts call; the library has the name. */
const ASKED = 'complete';
/** Tells the shell to complete the names of files. */
const FILES = ':0';
/** The library's own needs the package bash-completion, and evaluates what stands on the line: `$(…)` would be run by a Tab. */
const BASH_SCRIPT = `# bash completion for taskwarden
_taskwarden() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    [[ $word == :* || $word != "\${COMP_WORDS[COMP_CWORD]}"* ]] || COMPREPLY+=("$word")
  done < <(taskwarden ${ASKED} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _taskwarden taskwarden`;

/** @param makeProgram A program without this command: the library adds its own. */
export function addCompletion(program: Command, makeProgram: () => Command): void {
  const command = program
    .command('completion')
    .description('Prints a script that completes commands and flags in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action(async (shell: string) => {
      if (shell === 'bash') console.log(BASH_SCRIPT);
      else (await completerOf(makeProgram())).setup('taskwarden', 'taskwarden', shell);
    });
  withExamples(command, [
    'source <(taskwarden completion bash)                                       # in ~/.bashrc',
    'source <(taskwarden completion zsh)                                        # in ~/.zshrc, after compinit',
    'taskwarden completion fish > ~/.config/fish/completions/taskwarden.fish',
  ]);
  program
    .command(ASKED, { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      if (wantsFile(words)) console.log(FILES);
      else (await completerOf(makeProgram())).parse(words);
    });
}

async function completerOf(program: Command) {
  // Only when asked for: it is no part of any other command.
  const { default: tab } = await import('@bomb.sh/tab/commander');
  return tab(program, { completionCommandName: 'completion' });
}

/** The library completes no files. */
function wantsFile(words: readonly string[]): boolean {
  const [last = '', before = ''] = words.toReversed();
  if (last.startsWith('-')) return false;
  return before === '--app' || ['worker', 'init'].includes(before);
}
