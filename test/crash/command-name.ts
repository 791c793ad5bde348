import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxiedCommand } from '../../src/testing';

const SCRIPTS = scriptNames();

/** The name of a command, or that of its script. */
export function commandName({ name, script }: ProxiedCommand): string {
  return script === undefined ? name : (SCRIPTS.get(script) ?? script);
}

/** What Redis knows each of our scripts by -> its name. */
function scriptNames(): ReadonlyMap<string, string> {
  const folder = join(__dirname, '../../src/store/redis/scripts');
  const exported = readdirSync(folder).flatMap((file): unknown[] => Object.values(require(join(folder, file))));
  const scripts = exported.filter((one) => typeof one === 'object') as { name: string; sha1: string }[];
  return new Map(scripts.map(({ sha1, name }) => [sha1, name]));
}
