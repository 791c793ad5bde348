#!/usr/bin/env node
import { hasLoadedModule } from './module/load-module';
import { outliveReader } from './output/reader';
import { runCommandLine } from './run';

outliveReader();
void main();

async function main(): Promise<void> {
  await runCommandLine(process.argv.slice(2));
  // What else the module has opened must not keep a command that is done.
  if (hasLoadedModule()) process.stdout.write('', () => process.exit());
}
