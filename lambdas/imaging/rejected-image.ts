/** A file that will not become readable by waiting: corrupt, foreign, or beyond the limits. */
export class RejectedImage extends Error {
  override readonly name = 'RejectedImage';
  constructor(
    readonly code:
      | 'not-an-image'
      | 'truncated'
      | 'corrupt'
      | 'unsupported'
      | 'too-large'
      | 'too-many-pixels'
      | 'too-small',
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(reason);
  }
}
