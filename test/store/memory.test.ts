import { describeTaskReader } from '../contract/task-reader.contract';
import { describeTaskStore } from '../contract/task-store.contract';
import { makeMemoryBackend } from '../support/memory-backend';

describeTaskStore('memory', makeMemoryBackend);
describeTaskReader('memory', makeMemoryBackend);
