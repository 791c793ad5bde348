/** One whole command or reply of the Redis protocol. */
export interface RespFrame {
  /** As they came: what is forwarded. */
  readonly bytes: Buffer;
  /** The first byte, `*` for an array; an inline command has none: ''. */
  readonly type: string;
  /** How many elements an array has; 1 for anything else. */
  readonly length: number;
  /** The first two texts directly in it. */
  readonly head: readonly string[];
}

const ENDINGS = '\r\n';
const AGGREGATES: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 };
const BLOBS = '$=!';
const LINES = '+-:,#_(';
const HEAD_LENGTH = 2;

/** Cuts a stream into commands or replies, wherever its chunks are split. Knows RESP2, RESP3 and inline commands. */
export class RespFrames {
  private buffer: Buffer = Buffer.alloc(0);
  /** Up to here the buffer is understood. */
  private scanned = 0;
  /** How many elements are missing in each aggregate that is open, the outermost first. */
  private missing: number[] = [];
  private type = '';
  private length = 1;
  private head: string[] = [];

  /** @returns What is complete with this chunk. */
  push(chunk: Buffer): RespFrame[] {
    this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    const frames: RespFrame[] = [];
    while (this.scanElement()) if (this.missing.length === 0) frames.push(this.cutFrame());
    return frames;
  }

  /** False when more bytes are needed; then nothing has changed. */
  private scanElement(): boolean {
    const lineEnd = this.buffer.indexOf(ENDINGS, this.scanned);
    if (lineEnd < 0) return false;
    const next = lineEnd + ENDINGS.length;
    const sign = String.fromCharCode(this.buffer[this.scanned] ?? 0);
    const width = AGGREGATES[sign];
    const count = Number(this.text(this.scanned + 1, lineEnd));
    if (width !== undefined && Number.isInteger(count)) return this.openAggregate(sign, count * width, next);
    if (BLOBS.includes(sign) && Number.isInteger(count)) return this.takeBlob(sign, count, next);
    const isLine = LINES.includes(sign);
    if (!isLine && this.missing.length === 0) {
      this.head = this.text(this.scanned, lineEnd).trim().split(/\s+/).slice(0, HEAD_LENGTH);
    }
    this.element(isLine ? sign : '', this.text(this.scanned + 1, lineEnd), next);
    return true;
  }

  private openAggregate(sign: string, size: number, next: number): true {
    this.begin(sign, Math.max(0, size));
    // An attribute stands before the value it belongs to.
    const elements = sign === '|' ? size + 1 : size;
    if (elements > 0) {
      this.missing.push(elements);
      this.scanned = next;
    } else {
      this.close(next);
    }
    return true;
  }

  private takeBlob(sign: string, size: number, next: number): boolean {
    const end = next + Math.max(0, size);
    const after = size < 0 ? next : end + ENDINGS.length;
    if (this.buffer.length < after) return false;
    this.element(sign, this.text(next, end), after);
    return true;
  }

  private element(sign: string, text: string, next: number): void {
    this.begin(sign, 1);
    if (this.missing.length === 1 && this.head.length < HEAD_LENGTH) this.head.push(text);
    this.close(next);
  }

  private begin(sign: string, length: number): void {
    if (this.missing.length > 0) return;
    this.type = sign;
    this.length = length;
  }

  /** An element is complete, and with the last one what it is in. */
  private close(next: number): void {
    this.scanned = next;
    while (this.missing.length > 0) {
      const left = (this.missing.pop() ?? 0) - 1;
      if (left > 0) {
        this.missing.push(left);
        return;
      }
    }
  }

  private cutFrame(): RespFrame {
    const frame = {
      bytes: this.buffer.subarray(0, this.scanned),
      type: this.type,
      length: this.length,
      head: this.head,
    };
    this.buffer = this.buffer.subarray(this.scanned);
    this.scanned = 0;
    this.head = [];
    return frame;
  }

  private text(from: number, to: number): string {
    return this.buffer.toString('latin1', from, to);
  }
}
