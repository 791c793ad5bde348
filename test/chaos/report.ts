import type { Redis } from 'ioredis';
import type { TaskKeys } from '../../src/task/keys';
import { traceOf } from './append-only-file';
import type { Breach } from './judge';
import type { Fault } from './plan';
import type { RunResult } from './run';
import { LONGEST_RECOVERY_MS } from './times';

const MOST_IDS_SHOWN = 10;
const MOST_BREACHES_SHOWN = 40;

/** The numbers of a run, one a line. */
export function table(result: RunResult, plan: readonly Fault[]): string {
  const { verdict, breaches, started } = result;
  const of = (kind: Breach['kind']) => breaches.filter((breach) => breach.kind === kind).length;
  const counts = new Map<string, number>();
  for (const { kind } of plan) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = new Set(breaches.map(({ kind }) => kind));
  const others = [...kinds].filter((kind) => kind !== 'doubled end' && kind !== 'lost');
  const rows: [string, string | number][] = [
    ['tasks started', started],
    ['tasks ended', verdict.ended],
    ['runs', verdict.runs + verdict.reloaded],
    ['requeued', verdict.requeued],
    ['doubled ends', of('doubled end')],
    ['lost', of('lost')],
    ['other breaches', others.map((kind) => `${of(kind)} ${kind}`).join(', ') || 0],
    ['longest recovery', `${verdict.longestRecoveryMs} ms after a SIGKILL; ${LONGEST_RECOVERY_MS} ms are allowed`],
    [
      '  with a turn',
      `${verdict.longestTurnRecoveryMs} ms, of bounded classes and rare names; ${result.goingRound} still go round`,
    ],
    ['all over', `${Math.round(result.settleMs)} ms after the last fault`],
    ['bulk calls', bulkCalls(result.bulk)],
    ['  did', bulkCounts(result.bulk)],
    ['faults', [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(18)}${value}`).join('\n');
}

function bulkCalls({ tries, windows }: RunResult['bulk']): string {
  const calls = (['stopMany', 'restartMany', 'removeMany'] as const).map((name) => {
    return `${windows.filter(({ call }) => call === name).length} ${name}`;
  });
  return `${calls.join(', ')}; ${tries.filter(({ cutShort }) => cutShort).length} more tries were cut short`;
}

/** The counts of all reports, and what they must have matched by the append-only file. */
function bulkCounts({ tries, windows }: RunResult['bulk']): string {
  const counts = (['matched', 'done', 'requested', 'unchanged', 'missing'] as const).map((name) => {
    return `${name} ${tries.reduce((sum, { report }) => sum + report[name], 0)}`;
  });
  return `${counts.join(', ')}; ${windows.reduce((sum, { sure }) => sum + sure.length, 0)} matched for sure`;
}

/** What is needed to find out how a breach came about. */
export async function details(
  { breaches, commands, faults }: RunResult,
  redis: Redis,
  keysOf: (id: string) => TaskKeys,
): Promise<string> {
  const lines = breaches.slice(0, MOST_BREACHES_SHOWN).map(({ kind, message }) => `BREACH ${kind}: ${message}`);
  if (breaches.length > MOST_BREACHES_SHOWN) lines.push(`and ${breaches.length - MOST_BREACHES_SHOWN} more breaches`);
  const ids = [...new Set(breaches.flatMap(({ id }) => (id === undefined ? [] : [id])))];
  for (const id of ids.slice(0, MOST_IDS_SHOWN)) {
    const hash = await redis.hgetall(keysOf(id).task(id));
    const trace = traceOf(commands, id, keysOf(id).task(id));
    const [fromMs = 0, toMs = 0] = [trace[0]?.atMs, trace.at(-1)?.atMs];
    const about = faults.filter(({ atMs }) => atMs > fromMs - 3_000 && atMs < toMs + 500);
    const marked = about.map(({ atMs, text }) => ({ atMs, text: `-- ${text}` }));
    lines.push('', `${id}, hash: ${JSON.stringify(hash)}`);
    for (const { atMs, text } of [...trace, ...marked].sort((a, b) => a.atMs - b.atMs)) {
      lines.push(`  ${new Date(atMs).toISOString().slice(11, 23)} ${text}`);
    }
  }
  return lines.join('\n');
}
