import { Task } from '../../src/decorators/task';
import { taskDefinition } from '../../src/metadata/task-definition';
import { TaskRegistry } from '../../src/metadata/task-registry';
import type { TaskClass } from '../../src/task/task-class';
import { expectMistake } from '../decorators/declaration-mistake';

@Task('probe')
class Probe {
  start() {}
}
@Task('crawl')
class Crawl {
  start() {}
}
@Task('probe')
class SecondProbe {
  start() {}
}
class Undecorated {
  start() {}
}
class Inherited extends Probe {}

describe('the registry of tasks', () => {
  test('it finds a task by its name, and lists all in the order given', () => {
    const registry = new TaskRegistry([Probe, Crawl]);
    expect(registry.get('crawl')?.taskClass).toBe(Crawl);
    expect(registry.get('unknown')).toBeUndefined();
    expect(registry.names()).toEqual(['probe', 'crawl']);
    expect([...registry].map(({ taskClass }) => taskClass)).toEqual([Probe, Crawl]);
  });

  test('two classes of one name are refused, both named', () => {
    const build = () => new TaskRegistry([Probe, Crawl, SecondProbe]);
    expect(build).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(build).toThrow('"probe": Probe and SecondProbe. Rename one');
  });

  test('a class given twice is refused', () => {
    const build = () => new TaskRegistry([Probe, Probe]);
    expect(build).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(build).toThrow('remove one Probe');
  });

  test('a class without @Task is refused', () => {
    expectMistake(() => taskDefinition(Undecorated), 'Undecorated', "put @Task('name') on the class itself");
  });

  test('a subclass without a @Task of its own is refused', () => {
    expectMistake(() => new TaskRegistry([Inherited]), 'Inherited', 'not inherited');
  });

  test('something that is no class is refused', () => {
    expectMistake(() => taskDefinition(undefined as unknown as TaskClass), 'not undefined', 'imported in a circle');
  });
});
