import type { TaskKeys } from '../../task/keys';
import { sumOfSkips } from '../../task/skips';
import { isTaskState } from '../../task/state';
import type { KeyFacts } from '../places';
import type { RedisConnection } from './redis-connection';
import { scanSteps } from './scan-steps';
import { keyFacts } from './scripts/key-facts';

/** There are few different ones, unless somebody plants them. */
const MOST_KNOWN = 10_000;

/** Reads the keys of tasks as far as the check of the places asks. */
export class TaskKeyReader {
  /** By what the script replies: most tasks are like others. */
  private readonly known = new Map<string, KeyFacts | undefined>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  /** Reads every key that has the name of a task whose id is wanted, one round trip a step. A scan tells some more than once. */
  async *all(
    isWanted: (id: string) => boolean,
  ): AsyncIterable<readonly (readonly [id: string, facts: KeyFacts | undefined])[]> {
    for await (const [, found] of scanSteps(this.redis, this.keys.everyTask)) {
      const ids = found.flatMap((key) => this.keys.taskId(key) ?? []).filter(isWanted);
      const facts = await this.of(ids);
      yield ids.map((id, position) => [id, facts[position]] as const);
    }
  }

  /** @throws Whatever Redis refused, but for a key of another type. */
  async of(ids: readonly string[]): Promise<(KeyFacts | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = ids.map((id) => ({ key: this.keys.task(id) }));
    const replies = await keyFacts.run(this.redis, rows, {});
    return replies.map((reply) => this.parsed(reply));
  }

  private parsed(reply: string): KeyFacts | undefined {
    if (this.known.has(reply)) return this.known.get(reply);
    const facts = parse(reply);
    if (this.known.size < MOST_KNOWN) this.known.set(reply, facts);
    return facts;
  }
}

function parse(reply: string): KeyFacts | undefined {
  const [kind, ...lines] = reply.split('\n');
  if (kind === '') return undefined;
  if (kind === 'other-type' || kind === 'update-remainder') return { kind };
  if (kind === 'removed') return { kind, skip: sumOfSkips(lines.join('\n')) };
  const [marks = '', state = '', queue, ...skip] = lines;
  const [stays, leased, owesPush, kept, expires] = [...marks].map((mark) => mark === '1') as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  return {
    kind: 'task',
    state: isTaskState(state) ? state : 'WAIT',
    stays,
    leased,
    skip: sumOfSkips(skip.join('\n') || undefined),
    owesPush,
    kept,
    expires,
    ...(queue && { queue }),
  };
}
