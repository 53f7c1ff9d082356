import { z } from 'zod';

/** An item of the readings table that is no reading as this version writes them. Waiting does not mend it. */
export class UnreadableReading extends Error {
  override readonly name = 'UnreadableReading';
  constructor(
    readonly plateKey: string,
    readonly sortKey: string,
    cause: z.ZodError,
  ) {
    super(
      `the item plateKey ${plateKey}, sortKey ${sortKey} of the readings table is no reading as this version writes them: ` +
        `${z.prettifyError(cause)}\nDeploy the version that wrote it, or delete the item: the image is read again, from revision 1 on, and its history stays.`,
      { cause },
    );
  }
}
