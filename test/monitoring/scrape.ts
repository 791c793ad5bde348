import type { App } from '../../src/app/app';

/** What a probe was answered. */
export interface Probed {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly because: readonly string[] };
}

export async function probe(app: App, which: 'live' | 'ready'): Promise<Probed> {
  const response = await fetch(`${app.monitoringUrl}/health/${which}`);
  return { status: response.status, body: (await response.json()) as Probed['body'] };
}

/** The samples of a scrape by name and labels, as they are written: `taskwarden_queue_waiting{queue="default"}`. */
export async function scrape(app: App): Promise<Map<string, number>> {
  const response = await fetch(`${app.monitoringUrl}/metrics`);
  if (response.status !== 200) throw new Error(`The scrape was answered with ${response.status}.`);
  return samplesOf(await response.text());
}

export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
