import { sleep } from '../../../clock';
import { checksOf } from '../../diagnosis';
import { DOCTOR } from '../mend-places';
import type { CheckFunction, CheckView } from './check-view';

const { ok, note, warning } = checksOf('monitor');
const LOOKS = 5;
const BETWEEN_LOOKS_MS = 300;

/** Whether a monitor has done its duty within its interval: so long its lock stands. */
export const checkMonitor: CheckFunction = async (view) => {
  // Between two passes there is no lock for as long as the first of them has taken.
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    if (await isOnDuty(view)) return [ok('a monitor is at work')];
    // A monitor is a run itself.
    if (await isIdle(view)) return [note('no monitor is at work, nor is any worker')];
    await sleep(view.clock, BETWEEN_LOOKS_MS);
  }
  return [
    warning(
      'no monitor is at work: what dead workers held stays where it is',
      'Start a worker with a monitor; every worker has one unless `monitor` is false.',
    ),
  ];
};

async function isIdle({ redis, keys }: CheckView): Promise<boolean> {
  const [running, registered] = await redis.call((client) =>
    Promise.all([client.zcard(keys.leases), client.zcard(keys.workers(keys.newQueue))]),
  );
  return running === 0 && registered === 0;
}

async function isOnDuty({ redis, keys }: CheckView): Promise<boolean> {
  const holder = await redis.call((client) => client.get(keys.duty('monitor')));
  return holder !== null && !holder.startsWith(DOCTOR);
}
