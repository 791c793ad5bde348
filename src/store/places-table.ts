import { MET, type PlacesSummary, type Standing, withPlace } from './places-summary';

const SEGMENTS = 256;
const FIRST_SLOTS = 64;
const GROWTH = 1.5;
const FULLEST = 0.75;
const TWO_TO_32 = 2 ** 32;

interface Segment {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** 0: the slot is free. */
  readonly summaries: Uint16Array;
  used: number;
}

/**
 * The summaries of any number of ids in 10 bytes a slot: of an id only a fingerprint of 64 bits is kept. Two ids of the same fingerprint share
 * a summary, so one among `n` may be misjudged with a chance of `n` in 2^64; under another seed it is another one.
 */
export class PlacesTable {
  /** In segments that grow one after the other: the copy that growing needs is a small one. */
  private readonly segments: Segment[] = Array.from({ length: SEGMENTS }, () => emptySegment(FIRST_SLOTS));
  private low = 0;
  private high = 0;
  private ids = 0;
  private metIds = 0;

  /** @param seed Any whole number; ids made to collide under one seed do not under the next. */
  constructor(private readonly seed: number) {}

  /** How many ids stand in some place. */
  get size(): number {
    return this.ids;
  }

  /** How many of them have been met. */
  get met(): number {
    return this.metIds;
  }

  add(id: string, standing: Standing): void {
    const segment = this.segmentOf(id);
    const slot = this.find(segment);
    const before = segment.summaries[slot] as number;
    segment.summaries[slot] = withPlace(before, standing);
    if (before !== 0) return;
    segment.low[slot] = this.low;
    segment.high[slot] = this.high;
    this.ids += 1;
    segment.used += 1;
    if (segment.used > segment.summaries.length * FULLEST) this.grow(segment);
  }

  /**
   * Notes that the id was met.
   * @returns Its summary, 0 where it stands nowhere; undefined where it was met before.
   */
  meet(id: string): PlacesSummary | undefined {
    const segment = this.segmentOf(id);
    const slot = this.find(segment);
    const summary = segment.summaries[slot] as number;
    if (summary === 0) return 0;
    if (summary & MET) return undefined;
    segment.summaries[slot] = summary | MET;
    this.metIds += 1;
    return summary;
  }

  /** Takes the fingerprint of the id as well: two multiplicative hashes of its characters, mixed into each other at the end. */
  private segmentOf(id: string): Segment {
    let a = 0xdeadbeef ^ this.seed;
    let b = 0x41c6ce57 ^ this.seed;
    for (let place = 0; place < id.length; place += 1) {
      const code = id.charCodeAt(place);
      // Rotated, so that no bit of the one depends on the same bits of the id as one of the other.
      a = Math.imul((a << 13) | (a >>> 19), 2_654_435_761) ^ code;
      b = Math.imul((b << 17) | (b >>> 15), 1_597_334_677) ^ code;
    }
    const mixed = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
    this.high = (Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(mixed ^ (mixed >>> 13), 3_266_489_909)) >>> 0;
    this.low = mixed >>> 0;
    return this.segments[this.high % SEGMENTS] as Segment;
  }

  /** The slot of the present fingerprint, or the free one where it belongs. */
  private find({ low, high, summaries }: Segment): number {
    const slots = summaries.length;
    let slot = Math.floor((this.low / TWO_TO_32) * slots);
    while (summaries[slot] !== 0 && (low[slot] !== this.low || high[slot] !== this.high)) slot = (slot + 1) % slots;
    return slot;
  }

  private grow(segment: Segment): void {
    const larger = emptySegment(Math.ceil(segment.summaries.length * GROWTH));
    segment.summaries.forEach((summary, slot) => {
      if (summary === 0) return;
      this.low = segment.low[slot] as number;
      this.high = segment.high[slot] as number;
      const free = this.find(larger);
      larger.low[free] = this.low;
      larger.high[free] = this.high;
      larger.summaries[free] = summary;
    });
    Object.assign(segment, larger, { used: segment.used });
  }
}

function emptySegment(slots: number): Segment {
  return {
    low: new Uint32Array(slots),
    high: new Uint32Array(slots),
    summaries: new Uint16Array(slots),
    used: 0,
  };
}
