import { checksOf } from '../../diagnosis';
import { eachNode, readSetting } from './check-view';

const { ok, note, warning } = checksOf('connections');
const NEARLY_ALL = 0.9;
/** A worker waits for tasks no longer than this in one command. */
const LONGEST_SILENCE_SECONDS = 30;

/** Whether there is room for more connections, and Redis leaves idle ones alone. */
export const checkConnections = eachNode(async (node, { redis }) => {
  const now = Number(node.info('connected_clients'));
  const most = Number(node.info('maxclients') ?? Number.POSITIVE_INFINITY);
  if (now > most * NEARLY_ALL)
    return warning(
      `${now} of ${most} connections are in use`,
      'Raise maxclients; a process of taskwarden has up to four.',
    );
  const timeoutSeconds = Number((await readSetting(redis, node, 'timeout')) ?? 0);
  if (timeoutSeconds > 0 && timeoutSeconds < LONGEST_SILENCE_SECONDS)
    return note(
      `timeout is ${timeoutSeconds} s: idle connections are closed, and opened anew when they are needed`,
      'CONFIG SET timeout 0.',
    );
  return ok(`${now} connections${Number.isFinite(most) ? ` of ${most}` : ''}`);
});
