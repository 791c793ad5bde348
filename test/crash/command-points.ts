import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Deferred } from '../../src/deferred';
import type { Cut, FaultProxy, ProxiedCommand } from '../../src/testing';

const SCRIPTS = scriptNames();

/** Tells of each command its name, or that of its script, and how often it has come. */
export function commandCounter(): (sent: ProxiedCommand) => { readonly command: string; readonly nth: number } {
  const counts = new Map<string, number>();
  return (sent) => {
    const command = commandName(sent);
    const nth = (counts.get(command) ?? 0) + 1;
    counts.set(command, nth);
    return { command, nth };
  };
}

/** Where a connection can be cut. */
export interface Sent {
  readonly name: string;
  readonly command: string;
  readonly nth: number;
  readonly cut: Cut;
}

interface CutOptions {
  /** Undefined: nothing is cut. */
  readonly point: Sent | undefined;
  /** Is told of all that could be. */
  readonly see: (sent: Sent) => unknown;
  /** Nothing is let in any more from then on. */
  readonly kills: boolean;
  /** Resolved when it is cut. */
  readonly struck: Deferred;
}

/** Cuts connections at the command of the point. */
export function cutAt(proxy: FaultProxy, { point, see, kills, struck }: CutOptions): void {
  const counted = commandCounter();
  proxy.onCommand((sent) => {
    const { command, nth } = counted(sent);
    for (const cut of ['cut-before', 'cut-after'] as const)
      see({ name: `${command}#${nth} ${cut}`, command, nth, cut });
    if (command !== point?.command || nth !== point.nth) return undefined;
    if (kills) proxy.refuse();
    struck.resolve();
    return point.cut;
  });
}

function commandName({ name, script }: ProxiedCommand): string {
  return script === undefined ? name : (SCRIPTS.get(script) ?? script);
}

/** What Redis knows each of our scripts by -> its name. */
function scriptNames(): ReadonlyMap<string, string> {
  const folder = join(__dirname, '../../src/store/redis/scripts');
  const exported = readdirSync(folder).flatMap((file): unknown[] => Object.values(require(join(folder, file))));
  const scripts = exported.filter((one) => typeof one === 'object') as { name: string; sha1: string }[];
  return new Map(scripts.map(({ sha1, name }) => [sha1, name]));
}
