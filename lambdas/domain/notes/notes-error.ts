/** A note of the lab (study.json, platemap.csv, readings table) that cannot be used as it stands. */
export class NotesError extends Error {
  override readonly name = 'NotesError';
  constructor(
    /** File or S3 key, with the row where there is one. */
    readonly file: string,
    readonly reason: string,
    readonly remedy: string,
    readonly row?: number,
  ) {
    super(`${file}${row === undefined ? '' : `, row ${row}`}: ${reason}. ${remedy}`);
  }
}
