/** `note`: worth knowing, nothing to do; `warning`: needs a hand soon; `error`: tasks are lost, stand still or will. */
export type CheckMark = 'ok' | 'note' | 'warning' | 'error';

/** What was looked at. */
export type CheckName =
  | 'version'
  | 'memory'
  | 'persistence'
  | 'replication'
  | 'connections'
  | 'cluster'
  | 'rights'
  | 'clients'
  | 'clock'
  | 'round-trip'
  | 'slow-log'
  | 'queue'
  | 'schedules'
  | 'cleanup'
  | 'monitor'
  | 'places';

/** What one look at a Redis, or at the work on it, has shown. */
export interface Check {
  readonly name: CheckName;
  readonly mark: CheckMark;
  /** What is so, in a sentence. */
  readonly message: string;
  /** What to do; absent where there is nothing to do. */
  readonly remedy?: string;
}

/** Makes the checks of one name. */
export function checksOf(name: CheckName) {
  const make = (mark: CheckMark) => (message: string, remedy?: string) =>
    ({ name, mark, message, ...(remedy !== undefined && { remedy }) }) satisfies Check;
  return { ok: make('ok'), note: make('note'), warning: make('warning'), error: make('error') };
}
