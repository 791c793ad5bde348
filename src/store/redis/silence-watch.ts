import { type Clock, sleep, within } from '../../clock';
import { type RedisClient, SILENCE_LIMIT_MS } from './redis-spec';

/** A subscriber that has heard nothing for so long asks whether anybody is there. */
const PROBE_AFTER_MS = 3_000;

/**
 * Notices that a subscriber's connection is half open: nobody is owed a reply there, so a dead one looks like a quiet one.
 * Connects anew then, and the event bus subscribes again. Ends when the signal aborts; does not reject.
 */
export async function watchSilence(client: RedisClient, clock: Clock, signal: AbortSignal): Promise<void> {
  let heardMs = clock.monotonicMs();
  const hear = () => {
    heardMs = clock.monotonicMs();
  };
  for (const event of ['ready', 'message', 'pmessage'] as const) client.on(event, hear);
  while (!signal.aborted) {
    await sleep(clock, Math.max(1, heardMs + PROBE_AFTER_MS - clock.monotonicMs()), signal);
    if (signal.aborted || clock.monotonicMs() < heardMs + PROBE_AFTER_MS) continue;
    hear();
    const probe = client.status === 'ready' ? client.ping() : undefined;
    const answered = probe?.then(hear, () => {}); // Refused: somebody is there. Lost: it is being opened anew.
    if (answered && !(await within(clock, answered, SILENCE_LIMIT_MS, signal)) && !signal.aborted) {
      client.disconnect(true);
    }
  }
}
