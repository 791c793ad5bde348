import { type Command, Option } from 'commander';
import { type App, type AppOptions, createApp, type WorkerOptions } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { offerOf, placeOf, refuseFlags } from '../module/module-app';
import type { Offer } from '../module/module-exports';
import { resolveModule } from '../module/module-path';
import { restartOnChange } from '../module/restart-on-change';
import { collect } from '../options/collect';
import { redisSpecOf, wireNamesOf } from '../options/connection-options';
import { withExamples } from '../options/examples-help';
import { readCount } from '../options/option-values';
import { note } from '../output/note';
import type { SharedOptions } from '../session';

interface WorkerFlags extends SharedOptions {
  readonly concurrency?: number;
  readonly queue?: readonly string[];
  readonly watch?: true;
}

export function addWorker(program: Command): void {
  const command = program
    .command('worker <module>')
    .description('Runs the tasks of a module until SIGINT or SIGTERM; a second signal ends it at once')
    .addOption(new Option('-c, --concurrency <number>', 'runs at a time').argParser(readCount(1)))
    .addOption(
      new Option('-q, --queue <names>', 'takes from these queues, each before those after it').argParser(collect),
    )
    .option('--watch', 'begins anew when a file of the module has changed')
    .addHelpText(
      'after',
      '\nThe module is CommonJS, ESM, or TypeScript where tsx is installed. It exports an app (an App of createApp, a promise' +
        '\nof one or a function that returns one), the options of createApp, or task classes. The flags of the connection,' +
        '\n--concurrency and --queue are for options and classes: an app is run as it is.',
    )
    .action((module: string, _options: unknown, self: Command) => work(module, self));
  withExamples(command, [
    'taskwarden worker build/tasks.js',
    'taskwarden worker src/tasks.ts --watch',
    'taskwarden worker build/app.js --concurrency 20 --queue urgent,default',
  ]);
}

async function work(module: string, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<WorkerFlags>();
  if (flags.watch) {
    resolveModule(module);
    process.exitCode = await restartOnChange('--watch');
    return;
  }
  const offer = await offerOf(module);
  if (!offer) return;
  const ignored = offer.ignored.length > 0 ? `; ignored: ${offer.ignored.join(', ')}` : '';
  note(`${module}: ${offer.found}${ignored}`);
  const app = await appOf(offer, module, command, flags);
  await app.run();
}

async function appOf(offer: Offer, module: string, command: Command, flags: WorkerFlags): Promise<App> {
  if ('app' in offer) {
    refuseFlags(command, module, ['concurrency', 'queue']);
    return offer.app;
  }
  const { options } = offer;
  if (options.worker === false || options.tasks?.length === 0) {
    const why = options.worker === false ? 'worker: false' : 'an empty list of tasks';
    throw new CommandError(EXIT.usage, `${module} gives ${why}: there is nothing to run.`);
  }
  const base = { redis: redisSpecOf(flags), names: wireNamesOf(flags) };
  return createApp({ ...options, ...placeOf(options, base, command, module), worker: workerOf(options.worker, flags) });
}

function workerOf(given: AppOptions['worker'], { concurrency, queue }: WorkerFlags): WorkerOptions {
  return {
    ...(given || {}),
    ...(concurrency !== undefined && { concurrency }),
    ...(queue && { queues: queue }),
  };
}
