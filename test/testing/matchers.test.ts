import { OnEvent } from '../../src/decorators/on-event';
import { ConfigurationError } from '../../src/errors';
import { type TaskwardenMatchers, taskwardenMatchers } from '../../src/testing/matchers';
import { useTestApps } from '../support/use-test-apps';
import { Flaky, Mail, SignUp } from './test-app-tasks';

declare global {
  namespace jest {
    interface Matchers<R> extends TaskwardenMatchers<R> {}
  }
}

class Broken {
  @OnEvent('mail:sent')
  hear(): void {
    throw new TypeError('the hook is broken');
  }
}

expect.extend(taskwardenMatchers);
const make = useTestApps();

test('what was enqueued and emitted is found by a part of it', async () => {
  const app = await make({ tasks: [Mail, SignUp] });
  await app.client.start(SignUp, { to: 'ada' });
  expect(app).toHaveEnqueued(SignUp);
  expect(app).not.toHaveEnqueued(Mail);
  await app.drain();
  expect(app).toHaveEnqueued(Mail, { to: 'ada' });
  expect(app).toHaveEnqueued('mail', { to: expect.stringMatching(/^a/) });
  expect(app).not.toHaveEnqueued(Mail, { to: 'bob' });
  expect(app).not.toHaveEnqueued(Mail, { too: 'ada' });
  expect(app).toHaveEmitted('mail:sent', { to: 'ada' });
  expect(app).toHaveEmitted('mail:success', 'mail to ada');
  expect(app).toHaveEmitted('*:success');
  expect(app).not.toHaveEmitted('mail:sent', { to: 'ada', attempt: 2 });
  expect(app).not.toHaveEmitted('*:exception');
});

test('a failure shows what there was instead, and what was thrown', async () => {
  const app = await make({ tasks: [Mail, Flaky], listeners: [Broken] });
  expect(() => expect(app).toHaveEnqueued(Mail)).toThrow('Expected a task mail to be enqueued.\n\nEnqueued: nothing');
  await app.client.start(Mail, { to: 'ada' });
  await app.client.start(Flaky);
  await app.drain();
  expect(() => expect(app).toHaveEnqueued(Mail, { to: 'bob' })).toThrow(
    [
      "Expected a task mail with { to: 'bob' } to be enqueued.",
      '',
      'Enqueued:',
      "  mail (task-1) { to: 'ada' }",
      '  flaky (task-2) {}',
      'Thrown meanwhile:',
      '  Hook Broken.hear threw: TypeError: the hook is broken',
      '  flaky, attempt 1: Error: down at attempt 1',
    ].join('\n'),
  );
  expect(() => expect(app).not.toHaveEmitted('mail:success')).toThrow(
    'Expected no such thing: an event mail:success to be emitted.',
  );
  expect(() => expect(app).toHaveEmitted('mail:lost')).toThrow("  mail:sent (task-1) { to: 'ada', attempt: 1 }");
});

test('mistakes in the question are told', async () => {
  const app = await make();
  expect(() => expect(app).toHaveEmitted('sent')).toThrow('write "*:sent"');
  expect(() => expect(app.client).toHaveEnqueued(Mail)).toThrow(ConfigurationError);
  expect(() => expect(app).toHaveEnqueued(class Plain {} as never)).toThrow('Plain is not a task');
});
