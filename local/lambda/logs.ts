import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** A function's log file, in place of its CloudWatch log group. */
export class FunctionLog {
  private stream: WriteStream | undefined;
  private closed = false;
  readonly file: string;

  /** `refusal` says why the function's role may not write logs: then nothing else is written, as in AWS. */
  constructor(
    directory: string,
    logicalId: string,
    private readonly refusal: () => string | undefined,
  ) {
    mkdirSync(directory, { recursive: true });
    this.file = join(directory, `${logicalId}.log`);
  }

  write(chunk: string | Buffer): void {
    if (this.closed) return;
    if (!this.stream) {
      this.stream = createWriteStream(this.file, { flags: 'a' });
      const refusal = this.refusal();
      if (refusal) this.stream.write(`${refusal}\n`);
    }
    if (!this.refusal()) this.stream.write(chunk);
  }

  close(): Promise<void> {
    this.closed = true;
    return new Promise((resolve) => (this.stream ? this.stream.end(() => resolve()) : resolve()));
  }
}
