/** The bit depths that studies declare, read once a study and batch. */
import type { ExportBucket } from '../aws/export-bucket.ts';
import { studyNotesKey } from '../domain/keys.ts';
import { parseStudy } from '../domain/notes/study.ts';

/** The bit depth that study.json declares, undefined where it declares none, or that it cannot be read. */
export type DeclaredBitDepth = number | undefined | 'unreadable';

interface Declared {
  etag: string | undefined;
  bitDepth: DeclaredBitDepth;
}

export class DeclaredBitDepths {
  private readonly known = new Map<string, Promise<Declared>>();

  constructor(private readonly bucket: Pick<ExportBucket, 'head' | 'getText'>) {}

  async of(study: string): Promise<DeclaredBitDepth> {
    const asked = this.known.get(study) ?? this.ask(study);
    this.known.set(study, asked);
    return (await asked).bitDepth;
  }

  /** Whether study.json is no longer the one that was read. */
  async changed(study: string): Promise<boolean> {
    const [before, now] = [await this.known.get(study), await this.bucket.head(studyNotesKey(study))];
    return before?.etag !== now?.etag;
  }

  forget(): void {
    this.known.clear();
  }

  private async ask(study: string): Promise<Declared> {
    const notes = await this.bucket.getText(studyNotesKey(study));
    if (!notes) return { etag: undefined, bitDepth: undefined };
    try {
      return { etag: notes.etag, bitDepth: parseStudy(notes.text, studyNotesKey(study)).bitDepth };
    } catch {
      // Scoring names that problem.
      return { etag: notes.etag, bitDepth: 'unreadable' };
    }
  }
}
