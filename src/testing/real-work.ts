import { AsyncResource, createHook } from 'node:async_hooks';
import { ownTimers } from './patience';

/** They are there for good, or say nothing about what is still to come: turns of the loop are counted apart. */
const NO_WORK: ReadonlySet<string> = new Set(['Immediate', 'TCPServerWrap']);
/** Open, they may bring something at any time, however long they have been there. */
const SOCKETS: ReadonlySet<string> = new Set(['TCPSocketWrap', 'TLSWrap', 'UDPWrap', 'HTTP2SESSION']);
/** Of the rest those count that were not there before: a test runner has timers and pipes of its own. */
type Counts = ReadonlyMap<string, number>;

/** Kinds of asynchronous resources that promise no single answer, or are none of the system's. */
const NO_ANSWER: ReadonlySet<string> = new Set(['TickObject', 'Immediate', 'Microtask']);
/** Crypto runs in Node's threads; nothing else tells of it. */
const IN_THREADS = /REQUEST$/;

/** As Node has them, undocumented: tests of ours tell where that changes. */
interface Lasting {
  /** Of a timer: it has fired for the last time, or was cleared. */
  readonly _destroyed?: boolean;
  /** Of a compression, which calls back for each part: what it is at work on. */
  readonly buffer?: unknown;
}

/**
 * What the system, a thread or a real timer has still to bring. While there is none of it, code that waits can be woken by nothing but
 * the clock, other code of the app, and the test.
 */
export class RealWork {
  private readonly usual: Counts = countActive();
  private readonly inThreads = new Map<number, string>();
  /** Timers and compressions: whether they are still to come is seen from what they are themselves. */
  private readonly lasting = new Set<WeakRef<Lasting>>();
  private readonly hook = createHook({
    init: (id, type, _trigger, resource) => {
      // Promises first: there are hundreds of them for each of the others.
      if (type === 'PROMISE' || NO_ANSWER.has(type) || !this.isOurs()) return;
      if (type === 'Timeout' || type === 'ZLIB') this.lasting.add(new WeakRef(resource as Lasting));
      else if (IN_THREADS.test(type) || isNative(type, resource)) this.inThreads.set(id, type);
    },
    after: (id) => void this.inThreads.delete(id),
  });

  /** @param isOurs Whether the code that runs just now is the app's. */
  constructor(private readonly isOurs: () => boolean) {
    this.hook.enable();
  }

  /** The kinds of it, as Node names them; none: there is no such work. */
  pending(): string[] {
    const kinds = new Set(this.inThreads.values());
    for (const kind of this.stillToCome()) kinds.add(kind);
    for (const [kind, count] of countActive()) {
      if (NO_WORK.has(kind)) continue;
      if (SOCKETS.has(kind) || count > (this.usual.get(kind) ?? 0)) kinds.add(kind);
    }
    return [...kinds];
  }

  close(): void {
    this.hook.disable();
  }

  private *stillToCome(): Generator<string> {
    for (const reference of this.lasting) {
      const one = reference.deref();
      if (!one || one._destroyed) this.lasting.delete(reference);
      else if (one._destroyed === false) yield 'Timeout';
      else if (one.buffer) yield 'ZLIB';
    }
  }
}

/** Callbacks that are due in the next turn of the loop. */
export function turnsAhead(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;
}

/** Work of an addon: its names are its own, and it is no `AsyncResource` of a library. */
function isNative(type: string, resource: object): boolean {
  return /[a-z]/.test(type) && !(resource instanceof AsyncResource);
}

function countActive(): Counts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  counts.set('Timeout', (counts.get('Timeout') ?? 0) - ownTimers());
  return counts;
}
