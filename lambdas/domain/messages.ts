/** Messages between the functions, and the events that leave the system. */
import { z } from 'zod';
import { modelIdentitySchema } from './reads/reading.ts';

/** Asks the worker to look at an object again. */
export const recheckMessage = z.object({
  kind: z.literal('recheck'),
  key: z.string(),
  /**
   * Who is to have read the image, where somebody asks for it: a reading by others makes way for one of theirs, and for no other. So a message that comes
   * twice changes the reading once, and one that comes when others answer changes nothing.
   */
  model: modelIdentitySchema.optional(),
  preprocessingVersion: z.string().optional(),
});
export type RecheckMessage = z.infer<typeof recheckMessage>;

/** Asks for a study to be scored; one writer a study (FIFO group = study). */
export const scoreMessage = z.object({ kind: z.literal('score'), study: z.string() });
export type ScoreMessage = z.infer<typeof scoreMessage>;

/** Read again, too, plate reads that are out of date (reads/read-again.ts): asked by a person, for it may read whole studies anew. */
const readAgain = z
  .object({
    olderPreprocessing: z.boolean(),
    otherModel: z.boolean(),
    model: modelIdentitySchema,
    /** Of one plate, from the plan of its study: plate reads that others of the study draw in (reads/linked-reads.ts). */
    days: z.array(z.number()).optional(),
  })
  .optional();

export const sweepMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sweep') }),
  z.object({
    kind: z.literal('sweep-study'),
    study: z.string(),
    notesOnly: z.boolean().optional(),
    readAgain,
  }),
  z.object({
    kind: z.literal('sweep-plate'),
    study: z.string(),
    plate: z.string(),
    /** Only images that corrected notes want read again: what is still on its way is not asked for twice. */
    notesOnly: z.boolean().optional(),
    readAgain,
  }),
]);
export type SweepMessage = z.infer<typeof sweepMessage>;

export const EVENT_SOURCE = 'nvir';

export type NvirEvent =
  | {
      type: 'VerdictChanged';
      detail: { study: string; compound: string; day: number; from: string; to: string; mos: number | 'inf' | null };
    }
  | { type: 'PlateCompleted'; detail: { study: string; plate: string; day: number } }
  | { type: 'PlateIncomplete'; detail: { study: string; plate: string; day: number; absentWells: string[] } };
