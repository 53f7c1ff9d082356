import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One small text that survives the process: written aside and renamed, so that a kill leaves the old or the new. */
export class KeptText {
  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
  }

  read(): string | undefined {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : undefined;
  }

  write(text: string): void {
    writeFileSync(`${this.file}.new`, text);
    renameSync(`${this.file}.new`, this.file);
  }
}
