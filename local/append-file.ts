import { appendFileSync, closeSync, openSync } from 'node:fs';

/** A file that only grows. It stays open between additions: opening and closing it costs more than adding a line. */
export class AppendFile {
  private descriptor: number | undefined;

  constructor(private readonly file: string) {}

  append(content: string | Buffer): void {
    this.descriptor ??= openSync(this.file, 'a');
    appendFileSync(this.descriptor, content);
  }

  /** Before the file is replaced, and at the end. */
  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}
