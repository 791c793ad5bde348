import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { within } from './redis-process.mjs';

const DEADLINE_MS = 60_000;

/** A process that plays the producer or the worker of one system; see child.mjs. It ends with this one. */
export class RoleProcess {
  calls = new Map();
  nextId = 1;

  constructor(role, system) {
    this.title = `the ${role} of ${system}`;
    this.child = fork(join(import.meta.dirname, 'child.mjs'), [role, system], { stdio: ['ignore', 2, 2, 'ipc'] });
    this.child.on('message', ({ id, value, error }) => {
      const call = this.calls.get(id);
      this.calls.delete(id);
      if (error === undefined) call?.resolve(value);
      else call?.reject(new Error(error));
    });
    this.exited = once(this.child, 'exit').then(() => {
      for (const { reject } of this.calls.values()) reject(new Error(`${this.title} ended early`));
    });
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Calls a verb of the role. @throws {Error} What it threw, or that it took longer than the deadline. */
  call(verb, args = {}, deadlineMs = DEADLINE_MS) {
    const id = this.nextId++;
    const reply = new Promise((resolve, reject) => this.calls.set(id, { resolve, reject }));
    this.child.send({ id, verb, args });
    return within(deadlineMs, reply, `${this.title} did not finish "${verb}"`);
  }

  /** Lets it go, which writes a CPU profile where one was asked for; one that will not is killed. */
  async stop() {
    if (this.isRunning) {
      this.child.disconnect();
      await within(5_000, this.exited).catch(() => this.child.kill('SIGKILL'));
    }
    await this.exited;
  }
}
