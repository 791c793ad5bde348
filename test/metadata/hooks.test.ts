import { Inject, Injectable } from '../../src/decorators/injection';
import { OnEvent } from '../../src/decorators/on-event';
import { hookMethods, listenerHooks } from '../../src/metadata/hooks';
import type { AnyClass } from '../../src/metadata/reflection';
import { expectMistake } from '../decorators/declaration-mistake';

@Injectable()
class Mailer {}

describe('the hooks of a listener class', () => {
  test('every pattern of every method is listed', () => {
    class Audit {
      @OnEvent('probe:success') onSuccess() {}
      @OnEvent('*:exception') @OnEvent('*:error') onFailure() {}
    }
    expect(listenerHooks(Audit)).toEqual([
      { pattern: { task: 'probe', event: 'success' }, method: 'onSuccess' },
      { pattern: { task: '*', event: 'error' }, method: 'onFailure' },
      { pattern: { task: '*', event: 'exception' }, method: 'onFailure' },
    ]);
  });

  test('a method is called once for an event that two of its patterns mean', () => {
    class Audit {
      @OnEvent('probe:*') @OnEvent('*:error') onFailure() {}
      @OnEvent('*') onAny() {}
      @OnEvent('other:error') onOther() {}
    }
    expect(hookMethods(listenerHooks(Audit), 'probe', 'error')).toEqual(['onFailure', 'onAny']);
  });

  test('a pattern without a task is refused', () => {
    class Audit {
      @OnEvent('success') onSuccess() {}
    }
    expectMistake(() => listenerHooks(Audit), 'Audit.onSuccess', 'write "*:success"');
  });

  test('a class without hooks is refused', () => {
    class Deaf {}
    expectMistake(() => listenerHooks(Deaf), 'Deaf', "put @OnEvent('<task>:<event>')");
  });

  test('something that is no class is refused', () => {
    expectMistake(() => listenerHooks(undefined as unknown as AnyClass), 'must be a class, not undefined');
  });

  test('a constructor whose types are unknown is refused', () => {
    class Audit {
      constructor(readonly mailer: Mailer) {}
      @OnEvent('*') onAny() {}
    }
    expectMistake(() => listenerHooks(Audit), 'Parameter 1 of the constructor of Audit', '@Injectable()');
  });

  test('a constructor that can be injected is accepted', () => {
    class Audit {
      constructor(@Inject(Mailer) readonly mailer: Mailer) {}
      @OnEvent('*') onAny() {}
    }
    expect(listenerHooks(Audit)).toHaveLength(1);
  });
});
