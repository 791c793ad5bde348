#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT } from './exit-code';
import { exitCodeOf, explain } from './explain';
import { hasLoadedModule } from './module/load-module';
import { outliveReader } from './output/reader';
import { makeProgram } from './program';

outliveReader();

void main();

async function main(): Promise<void> {
  try {
    await makeProgram().parseAsync();
  } catch (error) {
    // Commander has said what is wrong itself, on the way.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    // What else the module has opened must not keep a command that is done.
    if (hasLoadedModule()) process.stdout.write('', () => process.exit());
  }
}
