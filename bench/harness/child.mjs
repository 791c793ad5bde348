// One role of one system: `node child.mjs producer|worker SYSTEM`, with verbs called by messages.
import { loadAdapter } from '../adapters/index.mjs';
import { ProducerRole } from './producer-role.mjs';
import { WorkerRole } from './worker-role.mjs';

const [role, system] = process.argv.slice(2);
const adapter = await loadAdapter(system);
const player = role === 'producer' ? new ProducerRole(adapter) : new WorkerRole(adapter);

process.on('message', async ({ id, verb, args }) => {
  try {
    process.send({ id, value: await player[verb](args) });
  } catch (error) {
    if (process.connected) process.send({ id, error: String(error?.stack ?? error) });
  }
});
// The bench has ended, or wants this process to.
process.on('disconnect', () => process.exit());
