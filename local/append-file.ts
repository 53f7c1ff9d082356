import { appendFileSync, closeSync, openSync } from 'node:fs';

/** A file that only grows. It stays open between additions: opening and closing it costs more than adding a line. */
export class AppendFile {
  private descriptor: number | undefined;
  private closed = false;

  constructor(private readonly file: string) {}

  append(content: string | Buffer): void {
    // What still comes after the end is kept, but nobody would close the file again.
    if (!this.closed) this.descriptor ??= openSync(this.file, 'a');
    appendFileSync(this.descriptor ?? this.file, content);
  }

  /** Before another file takes its place, to which additions go from then on. */
  leave(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  close(): void {
    this.leave();
    this.closed = true;
  }
}
