import type { Command } from 'commander';
import { diagnoseRedis, type MendReport, mendRedis } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { redisSpecOf, wireNamesOf } from '../options/connection-options';
import { withExamples } from '../options/examples-help';
import { addLimitOptions, type LimitFlags, limitOf } from '../options/limit-options';
import { readDuration } from '../options/option-values';
import { tellDiagnosis, tellMending } from '../output/doctor-report';
import { type Session, withSession } from '../session';

const MOST_SHOWN = 20;

interface DoctorOptions extends LimitFlags {
  readonly fix?: true;
  readonly dryRun?: true;
  readonly overdue?: number;
  readonly settle?: number;
  readonly taskTimeout?: number;
}

export function addDoctor(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('Whether Redis, the work on it and every task are in order; --fix mends what is safe to mend')
    .option('--fix', 'mends what is safe beside workers, then looks anew')
    .option('--dry-run', 'with --fix: tells what would be mended, and does nothing')
    .option('--overdue <duration>', 'how long something may wait for who has to do it (default: 1m)', readDuration)
    .option(
      '--settle <duration>',
      'how long to look again at what may be on its way (default: 5s, --fix 10s)',
      readDuration,
    )
    .option('--task-timeout <duration>', 'with --fix: that of the workers, where it is not 1m', readDuration)
    .action(
      withSession<DoctorOptions>(
        async (session) => {
          const { options, output } = session;
          if (options.dryRun && !options.fix)
            throw new CommandError(EXIT.usage, '--dry-run says what --fix would do: give both.');
          // Its connection would be counted among those of others.
          await session.app.close();
          const report = options.fix && (await mend(session));
          const diagnosis = await diagnoseRedis(redisSpecOf(options), inspection(session));
          if (output.isJson) output.json({ ...diagnosis, ...report });
          else tellDiagnosis(diagnosis, limitOf(options), output);
          return diagnosis.needsHand ? EXIT.findings : EXIT.done;
        },
        { onlyReads: ({ fix }) => !fix },
      ),
    );
  addLimitOptions(doctor, 'so many findings are shown', MOST_SHOWN);
  withExamples(doctor, [
    'taskwarden doctor',
    'taskwarden doctor --fix --dry-run',
    'taskwarden --json doctor | jq .checks',
  ]);
}

async function mend({ options, output, signal }: Session<DoctorOptions>): Promise<MendReport> {
  const dryRun = options.dryRun === true;
  return mendRedis(redisSpecOf(options), {
    ...inspection({ options, signal }),
    ...(options.taskTimeout !== undefined && { taskTimeout: options.taskTimeout }),
    dryRun,
    onMending: (mending) => {
      if (!output.isJson) tellMending(mending, dryRun, output);
    },
  });
}

function inspection({ options, signal }: Pick<Session<DoctorOptions>, 'options' | 'signal'>) {
  return {
    names: wireNamesOf(options),
    signal,
    ...(options.overdue !== undefined && { overdue: options.overdue }),
    ...(options.settle !== undefined && { settle: options.settle }),
  };
}
