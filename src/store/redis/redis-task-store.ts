import type { IdSource } from '../../ids';
import type { TaskKeys } from '../../task/keys';
import type { ProducerStore } from '../producer-store';
import type { QueueStore } from '../queue-store';
import { ScheduleVerbs } from '../schedule-verbs';
import type { SupervisorStore } from '../supervisor-store';
import type { TaskStore } from '../task-store';
import type { WorkerStore } from '../worker-store';
import type { RedisConnection } from './redis-connection';
import { RedisProducerStore } from './redis-producer-store';
import { RedisQueueStore } from './redis-queue-store';
import { RedisScheduleStore } from './redis-schedule-store';
import { RedisSupervisorStore } from './redis-supervisor-store';
import { RedisWorkerStore } from './redis-worker-store';

/** All roles on one Redis or Redis Cluster; the connection is its opener's to close. */
export class RedisTaskStore extends ScheduleVerbs implements TaskStore {
  private readonly producer: ProducerStore;
  private readonly worker: WorkerStore;
  private readonly supervisor: SupervisorStore;
  private readonly queues: QueueStore;

  constructor(redis: RedisConnection, keys: TaskKeys, ids: IdSource) {
    super(new RedisScheduleStore(redis, keys));
    this.producer = new RedisProducerStore(redis, keys, ids);
    this.worker = new RedisWorkerStore(redis, keys);
    this.supervisor = new RedisSupervisorStore(redis, keys);
    this.queues = new RedisQueueStore(redis, keys);
  }

  enqueue: ProducerStore['enqueue'] = (tasks) => this.producer.enqueue(tasks);
  enqueueUnique: ProducerStore['enqueueUnique'] = (task, claim) => this.producer.enqueueUnique(task, claim);
  confirmReplicated: ProducerStore['confirmReplicated'] = (...args) => this.producer.confirmReplicated(...args);
  setData: ProducerStore['setData'] = (id, data) => this.producer.setData(id, data);
  requestStop: ProducerStore['requestStop'] = (id, onlyIn) => this.producer.requestStop(id, onlyIn);
  requestReload: ProducerStore['requestReload'] = (id) => this.producer.requestReload(id);
  restart: ProducerStore['restart'] = (id, onlyIn) => this.producer.restart(id, onlyIn);
  reschedule: ProducerStore['reschedule'] = (id, due) => this.producer.reschedule(id, due);
  remove: ProducerStore['remove'] = (id, onlyIn) => this.producer.remove(id, onlyIn);

  take: WorkerStore['take'] = (request, signal) => this.worker.take(request, signal);
  putBack: WorkerStore['putBack'] = (...args) => this.worker.putBack(...args);
  park: WorkerStore['park'] = (...args) => this.worker.park(...args);
  open: WorkerStore['open'] = (request) => this.worker.open(request);
  openLocal: WorkerStore['openLocal'] = (worker, task, leaseMs) => this.worker.openLocal(worker, task, leaseMs);
  reopen: WorkerStore['reopen'] = (worker, lease, leaseMs) => this.worker.reopen(worker, lease, leaseMs);
  heartbeat: WorkerStore['heartbeat'] = (leases, leaseMs) => this.worker.heartbeat(leases, leaseMs);
  emit: WorkerStore['emit'] = (lease, event, progress) => this.worker.emit(lease, event, progress);
  appendLog: WorkerStore['appendLog'] = (lease, line, most) => this.worker.appendLog(lease, line, most);
  rejectReload: WorkerStore['rejectReload'] = (lease, event) => this.worker.rejectReload(lease, event);
  finish: WorkerStore['finish'] = (lease, outcome) => this.worker.finish(lease, outcome);
  retry: WorkerStore['retry'] = (lease, how) => this.worker.retry(lease, how);
  settleStop: WorkerStore['settleStop'] = (lease) => this.worker.settleStop(lease);
  requeue: WorkerStore['requeue'] = (leases, traces) => this.worker.requeue(leases, traces);
  discardLocal: WorkerStore['discardLocal'] = (lease) => this.worker.discardLocal(lease);
  leave: WorkerStore['leave'] = (worker) => this.worker.leave(worker);

  pauseQueue: QueueStore['pauseQueue'] = (queue) => this.queues.pauseQueue(queue);
  resumeQueue: QueueStore['resumeQueue'] = (queue) => this.queues.resumeQueue(queue);
  drainQueue: QueueStore['drainQueue'] = (...args) => this.queues.drainQueue(...args);

  elect: SupervisorStore['elect'] = (duty, worker, leaseMs) => this.supervisor.elect(duty, worker, leaseMs);
  adoptOrphans: SupervisorStore['adoptOrphans'] = (before) => this.supervisor.adoptOrphans(before);
  reap: SupervisorStore['reap'] = (leaseMs, maxCrashes, counts) => this.supervisor.reap(leaseMs, maxCrashes, counts);
  takeEnded: SupervisorStore['takeEnded'] = (worker, limit, keepMs) => this.supervisor.takeEnded(worker, limit, keepMs);
  settleEnded: SupervisorStore['settleEnded'] = (worker, ids, retention) =>
    this.supervisor.settleEnded(worker, ids, retention);
  leaveEnded: SupervisorStore['leaveEnded'] = (worker) => this.supervisor.leaveEnded(worker);
}
