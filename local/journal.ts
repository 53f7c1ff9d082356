import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppendFile } from './append-file.ts';

/**
 * An append-only file of JSON lines: what a service must not forget. A line is on its way to the disk when `append`
 * returns, so that it survives the end of this process by whatever means (not a power cut).
 */
export class Journal<Entry> {
  private readonly lines: AppendFile;

  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.lines = new AppendFile(file);
  }

  /** Everything written so far. The last line may be half written by a killed process: nobody was told that it counts. */
  read(): Entry[] {
    if (!existsSync(this.file)) return [];
    const entries: Entry[] = [];
    for (const line of readFileSync(this.file, 'utf8').split('\n')) {
      if (line === '') continue;
      try {
        entries.push(JSON.parse(line) as Entry);
      } catch {
        // Only the half line at the end; `rewrite` at start takes it away before anything is appended to it.
      }
    }
    return entries;
  }

  append(...entries: Entry[]): void {
    this.lines.append(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  /** Replaces everything, at once or not at all: drops what is superseded. */
  rewrite(entries: readonly Entry[]): void {
    writeFileSync(`${this.file}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    this.lines.leave();
    renameSync(`${this.file}.new`, this.file);
  }

  close(): void {
    this.lines.close();
  }
}
