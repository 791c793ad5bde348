import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** That code of a task began, or was done, in a worker process. */
export interface CodeEntry {
  readonly what: 'begin' | 'done';
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  readonly atMs: number;
}

/** Says what of a process's code ran. A line is one write: it survives a SIGKILL, and Redis has no part in it. */
export class CodeLedger {
  private readonly file: number;

  constructor(folder: string) {
    this.file = openSync(join(folder, `code-${process.pid}.log`), 'a');
  }

  note(what: CodeEntry['what'], id: string, attempt: number): void {
    writeSync(this.file, `${what} ${attempt} ${Date.now()} ${id}\n`);
  }
}

/** All ledgers of a run, by task; each in the order of time. */
export function readCodeLedgers(folder: string): Map<string, CodeEntry[]> {
  const byId = new Map<string, CodeEntry[]>();
  for (const name of readdirSync(folder)) {
    const pid = Number(/^code-(\d+)\.log$/.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const [, what, attempt, atMs, id = ''] = /^(begin|done) (\d+) (\d+) (.+)$/.exec(line) ?? [];
      if (what === undefined) continue;
      const entry = { what: what as CodeEntry['what'], id, attempt: Number(attempt), pid, atMs: Number(atMs) };
      const entries = byId.get(id);
      if (entries) entries.push(entry);
      else byId.set(id, [entry]);
    }
  }
  for (const entries of byId.values()) entries.sort((a, b) => a.atMs - b.atMs);
  return byId;
}
