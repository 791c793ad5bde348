import { describeEventBus } from '../contract/event-bus.contract';
import { describeTaskReader } from '../contract/task-reader.contract';
import { describeTaskStore } from '../contract/task-store.contract';
import { makeRedisBackend } from '../support/redis-backend';
import { startCluster } from '../support/redis-cluster';
import { useServer } from '../support/use-server';

const cluster = useServer(() => startCluster());
const makeBackend = () => makeRedisBackend({ cluster: cluster().startupNodes });

describeTaskStore('redis cluster', makeBackend);
describeTaskReader('redis cluster', makeBackend);
describeEventBus('redis cluster', makeBackend);
