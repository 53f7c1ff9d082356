import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import type { Item } from './engine.ts';

/** A streamed write that began; without its end, a restart looks what became of it. */
export interface Intent {
  key: Item;
  before: Item | null;
}

/**
 * The one write that is under way on a table. It is overwritten in place by a single system call, which a kill cannot
 * cut in two; what an earlier, longer one left behind stands after the first line and says nothing.
 */
export class IntentFile {
  private readonly descriptor: number;

  constructor(private readonly file: string) {
    this.descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT);
  }

  begin(key: Item, before: Item | undefined): void {
    this.write(`${JSON.stringify({ key, before: before ?? null } satisfies Intent)}\n`);
  }

  end(): void {
    this.write('\n');
  }

  unfinished(): Intent | undefined {
    const [line = ''] = readFileSync(this.file, 'utf8').split('\n', 1);
    return line === '' ? undefined : (JSON.parse(line) as Intent);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(text: string): void {
    const bytes = Buffer.from(text);
    writeSync(this.descriptor, bytes, 0, bytes.length, 0);
  }
}
