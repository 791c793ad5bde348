import { describeEventBus } from '../contract/event-bus.contract';
import { describeTaskReader } from '../contract/task-reader.contract';
import { describeTaskStore } from '../contract/task-store.contract';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const redis = useServer(() => startRedis());
const makeBackend = () => makeRedisBackend(redis().url);

describeTaskStore('redis', makeBackend);
describeTaskReader('redis', makeBackend);
describeEventBus('redis', makeBackend);
