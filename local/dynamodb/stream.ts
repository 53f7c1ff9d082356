import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppendFile } from '../append-file.ts';
import type { StreamRecord } from '../contract.ts';
import type { Item } from './engine.ts';

export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

const NEWLINE = 10;

/** One table's stream: a file of JSON lines, with only the places of the lines in memory. */
export class TableStream {
  /** Where each record's line starts; record n (from 1) stands at n - 1. */
  private readonly starts: number[] = [];
  private size = 0;
  private readonly lines: AppendFile;
  private readonly wakeUps = new Set<() => void>();

  constructor(
    readonly arn: string,
    readonly view: StreamView,
    private readonly region: string,
    private readonly file: string,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.index(readFileSync(file));
    this.lines = new AppendFile(file);
  }

  get length(): number {
    return this.starts.length;
  }

  /** Adds what a write changed. A write that changed nothing makes no record, as in DynamoDB. */
  add(keys: Item, before: Item | undefined, after: Item | undefined): void {
    if (!before && !after) return;
    if (before && after && JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return;
    const sequenceNumber = String(this.starts.length + 1).padStart(21, '0');
    const withNew = after && (this.view === 'NEW_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES');
    const withOld = before && (this.view === 'OLD_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES');
    const record = {
      eventID: `${sequenceNumber}`.padStart(32, '0'),
      eventName: !before ? 'INSERT' : !after ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        Keys: keys,
        ...(withNew ? { NewImage: after } : {}),
        ...(withOld ? { OldImage: before } : {}),
        SequenceNumber: sequenceNumber,
        SizeBytes: JSON.stringify(after ?? before).length,
        StreamViewType: this.view,
      },
      eventSourceARN: this.arn,
    };
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    this.lines.append(line);
    this.starts.push(this.size);
    this.size += line.length;
    for (const wakeUp of [...this.wakeUps]) wakeUp();
  }

  /** Up to `max` records from the given place (0 = the oldest). */
  read(from: number, max: number): StreamRecord[] {
    const start = this.starts[from];
    if (start === undefined) return [];
    const bytes = Buffer.alloc((this.starts[from + max] ?? this.size) - start);
    const file = openSync(this.file, 'r');
    readSync(file, bytes, 0, bytes.length, start);
    closeSync(file);
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const record = JSON.parse(line) as {
          eventID: string;
          eventName: StreamRecord['eventName'];
          dynamodb: { SequenceNumber: string };
        };
        const { eventID, eventName, dynamodb } = record;
        return { eventID, eventName, sequenceNumber: dynamodb.SequenceNumber, record };
      });
  }

  waitForMore(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wakeUps.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.wakeUps.add(done);
    });
  }

  close(): void {
    this.lines.close();
  }

  private index(content: Buffer): void {
    let start = 0;
    for (let end = content.indexOf(NEWLINE); end >= 0; end = content.indexOf(NEWLINE, start)) {
      this.starts.push(start);
      start = end + 1;
    }
    this.size = start;
    // A line that a kill cut off is no record; the write that it told of is told again, see Intents.
    if (start < content.length) truncateSync(this.file, start);
  }
}

/** Attribute order says nothing in an item. */
function sorted(item: Item): [string, unknown][] {
  return Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
}
