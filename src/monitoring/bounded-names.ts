/** Names fit for a label: a bounded number of them, whatever producers make up, as each is a time series for good. */
export class BoundedNames {
  private readonly names: Set<string>;

  /**
   * @param known Told as they are.
   * @param others So many more are told as they are, the first that come.
   * @param rest Stands for all the rest.
   */
  constructor(
    known: Iterable<string>,
    others: number,
    private readonly rest: string,
  ) {
    this.names = new Set(known);
    this.most = this.names.size + others;
  }

  private readonly most: number;

  of(name: string | undefined): string {
    if (name === undefined) return this.rest;
    if (this.names.has(name)) return name;
    if (this.names.size >= this.most) return this.rest;
    this.names.add(name);
    return name;
  }
}
