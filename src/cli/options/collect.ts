/** For `Option.argParser`: a list with commas, and of an option that is given more than once all of it. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...(before ?? []), ...names.filter((name) => name !== '')];
}
