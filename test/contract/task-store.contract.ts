import type { MakeBackend } from './backend';
import { describeCleanUp } from './clean-up.contract';
import { describeDeadline } from './deadline.contract';
import { describeDelay } from './delay.contract';
import { describeElection } from './election.contract';
import { describeFencing } from './fencing.contract';
import { describeGivingUp } from './giving-up.contract';
import { describeLimits } from './limits.contract';
import { describeOnlyIn } from './only-in.contract';
import { describeOpen } from './open.contract';
import { describePriority } from './priority.contract';
import { describeProducerStore } from './producer.contract';
import { describeQueues } from './queues.contract';
import { describeReap } from './reap.contract';
import { describeRestartAndRemove } from './restart-remove.contract';
import { describeRetry } from './retry.contract';
import { describeRuns } from './runs.contract';
import { describeSchedules } from './schedules.contract';
import { describeTake } from './take.contract';
import { describeTaskLog } from './task-log.contract';
import { describeTrace } from './trace.contract';
import { describeUnique } from './unique.contract';
import { describeUnknownNames } from './unknown-names.contract';
import { describeWaited } from './waited.contract';

/** What every task store must do, role by role. */
export function describeTaskStore(name: string, makeBackend: MakeBackend): void {
  describe(`${name}: producer`, () => {
    describeProducerStore(makeBackend);
    describeRestartAndRemove(makeBackend);
    describe('a unique key', () => describeUnique(makeBackend));
    describeOnlyIn(makeBackend);
  });

  describe(`${name}: worker`, () => {
    describeTake(makeBackend);
    describeDelay(makeBackend);
    describeOpen(makeBackend);
    describe('the wait of a task', () => describeWaited(makeBackend));
    describe('unknown names', () => describeUnknownNames(makeBackend));
    describeRuns(makeBackend);
    describeGivingUp(makeBackend);
    describeRetry(makeBackend);
    describe('a deadline', () => describeDeadline(makeBackend));
    describeLimits(makeBackend);
    describeQueues(makeBackend);
    describe('the context of a trace', () => describeTrace(makeBackend));
    describe('by priority', () => describePriority(makeBackend));
    describe('the log of a task', () => describeTaskLog(makeBackend));
    describe('fencing', () => describeFencing(makeBackend));
  });

  describe(`${name}: supervisor`, () => {
    describe('the election for a duty', () => describeElection(makeBackend));
    describeReap(makeBackend);
    describeCleanUp(makeBackend);
  });

  describe(`${name}: schedules`, () => describeSchedules(makeBackend));
}
