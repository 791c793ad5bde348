import type { ProducerStore } from '../producer-store';
import type { QueueStore } from '../queue-store';
import { ScheduleVerbs } from '../schedule-verbs';
import type { SupervisorStore } from '../supervisor-store';
import type { TaskStore } from '../task-store';
import type { WorkerStore } from '../worker-store';
import type { MemoryBroker } from './memory-broker';
import { MemoryClaims } from './memory-claims';
import { MemoryProducer } from './memory-producer';
import { MemoryQueueStore } from './memory-queue-store';
import { MemoryRuns } from './memory-runs';
import { MemorySchedules } from './memory-schedules';
import { MemorySupervisor } from './memory-supervisor';

/** The embedded store: the same semantics as on Redis, in one process, gone when it ends. */
export class MemoryTaskStore extends ScheduleVerbs implements TaskStore {
  private readonly producer: MemoryProducer;
  private readonly claims: MemoryClaims;
  private readonly runs: MemoryRuns;
  private readonly supervisor: MemorySupervisor;
  private readonly queues: MemoryQueueStore;

  constructor(broker: MemoryBroker) {
    super(new MemorySchedules(broker));
    this.producer = new MemoryProducer(broker);
    this.claims = new MemoryClaims(broker);
    this.runs = new MemoryRuns(broker);
    this.supervisor = new MemorySupervisor(broker);
    this.queues = new MemoryQueueStore(broker);
  }

  enqueue: ProducerStore['enqueue'] = (tasks) => this.producer.enqueue(tasks);
  enqueueUnique: ProducerStore['enqueueUnique'] = (task, claim) => this.producer.enqueueUnique(task, claim);
  confirmReplicated: ProducerStore['confirmReplicated'] = (ids) => this.producer.confirmReplicated(ids);
  setData: ProducerStore['setData'] = (id, data) => this.producer.setData(id, data);
  requestStop: ProducerStore['requestStop'] = (id, onlyIn) => this.producer.requestStop(id, onlyIn);
  requestReload: ProducerStore['requestReload'] = (id) => this.producer.requestReload(id);
  restart: ProducerStore['restart'] = (id, onlyIn) => this.producer.restart(id, onlyIn);
  reschedule: ProducerStore['reschedule'] = (id, due) => this.producer.reschedule(id, due);
  remove: ProducerStore['remove'] = (id, onlyIn) => this.producer.remove(id, onlyIn);

  take: WorkerStore['take'] = (request, signal) => this.claims.take(request, signal);
  putBack: WorkerStore['putBack'] = (...args) => this.claims.putBack(...args);
  park: WorkerStore['park'] = (...args) => this.claims.park(...args);
  open: WorkerStore['open'] = (request) => this.claims.open(request);
  openLocal: WorkerStore['openLocal'] = (worker, task, leaseMs) => this.claims.openLocal(worker, task, leaseMs);
  reopen: WorkerStore['reopen'] = (worker, lease, leaseMs) => this.claims.reopen(worker, lease, leaseMs);
  leave: WorkerStore['leave'] = (worker) => this.claims.leave(worker);
  heartbeat: WorkerStore['heartbeat'] = (leases, leaseMs) => this.runs.heartbeat(leases, leaseMs);
  emit: WorkerStore['emit'] = (lease, event, progress) => this.runs.emit(lease, event, progress);
  appendLog: WorkerStore['appendLog'] = (lease, line, most) => this.runs.appendLog(lease, line, most);
  rejectReload: WorkerStore['rejectReload'] = (lease, event) => this.runs.rejectReload(lease, event);
  finish: WorkerStore['finish'] = (lease, outcome) => this.runs.finish(lease, outcome);
  retry: WorkerStore['retry'] = (lease, how) => this.runs.retry(lease, how);
  settleStop: WorkerStore['settleStop'] = (lease) => this.runs.settleStop(lease);
  requeue: WorkerStore['requeue'] = (leases, traces) => this.runs.requeue(leases, traces);
  discardLocal: WorkerStore['discardLocal'] = (lease) => this.runs.discardLocal(lease);

  pauseQueue: QueueStore['pauseQueue'] = (queue) => this.queues.pauseQueue(queue);
  resumeQueue: QueueStore['resumeQueue'] = (queue) => this.queues.resumeQueue(queue);
  drainQueue: QueueStore['drainQueue'] = (...args) => this.queues.drainQueue(...args);

  elect: SupervisorStore['elect'] = (duty, worker, leaseMs) => this.supervisor.elect(duty, worker, leaseMs);
  adoptOrphans: SupervisorStore['adoptOrphans'] = () => this.supervisor.adoptOrphans();
  reap: SupervisorStore['reap'] = (leaseMs, maxCrashes, counts) => this.supervisor.reap(leaseMs, maxCrashes, counts);
  takeEnded: SupervisorStore['takeEnded'] = (worker, limit, keepMs) => this.supervisor.takeEnded(worker, limit, keepMs);
  settleEnded: SupervisorStore['settleEnded'] = (worker, ids, retention) =>
    this.supervisor.settleEnded(worker, ids, retention);
  leaveEnded: SupervisorStore['leaveEnded'] = (worker) => this.supervisor.leaveEnded(worker);
}
