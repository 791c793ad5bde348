/** A decorator as plain JavaScript sees it: it may stand anywhere, with anything. */
export type LooseDecorator = (...place: unknown[]) => void;
export type LooseFactory = (...args: unknown[]) => LooseDecorator;

export function loose(factory: unknown): LooseFactory {
  return factory as LooseFactory;
}

/** Declares a class and expects it to be refused, in a message that holds all parts: class, member, remedy. */
export function expectMistake(declare: () => unknown, ...parts: string[]): void {
  expect(declare).toThrow(expect.objectContaining({ code: 'DECLARATION' }));
  for (const part of parts) expect(declare).toThrow(part);
}
