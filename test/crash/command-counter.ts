import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxiedCommand } from '../../src/testing';

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
