import type { TaskRegistry } from '../metadata/task-registry';
import { suggestName } from '../task/nearest-name';
import type { RunEnvironment } from './run-environment';

/** After so many different names the log says no more of them. */
const MOST_NAMES = 100;

/** Warns of names that this worker does not know, once a name: it may be misspelt, or another worker's. */
export class UnknownNames {
  private readonly told = new Set<string>();

  constructor(
    private readonly environment: RunEnvironment,
    private readonly registry: TaskRegistry,
  ) {}

  warn(name: string, taskId: string): void {
    if (this.told.has(name) || this.told.size >= MOST_NAMES) return;
    this.told.add(name);
    const { unknownTaskTimeoutMs } = this.environment.settings;
    const suggestion = suggestName(name, this.registry.names());
    this.environment.logger.warn(
      { task: name, taskId },
      `Task "${name}" is not known here, ${suggestion} Others may take it; in ${unknownTaskTimeoutMs} ms it ends as EXCEPTION`,
    );
  }
}
