/** `lock.json` of a study: while it says so, its scores stay as they stand, whatever is read or noted later. */
import { z } from 'zod';
import { NotesError } from './notes-error.ts';

const lockSchema = z.strictObject({
  locked: z.boolean(),
  /** Who decided. */
  name: z.string().min(1),
  reason: z.string().min(1),
  /** ISO 8601. */
  at: z.iso.datetime({ offset: true }),
});

export type Lock = z.infer<typeof lockSchema>;

/** @throws NotesError naming the field. */
export function parseLock(json: string, file: string): Lock {
  const remedy = 'It is {"locked": true, "name": …, "reason": …, "at": a time such as 2026-03-09T10:00:00Z}.';
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    throw new NotesError(file, 'is not JSON', remedy);
  }
  const parsed = lockSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new NotesError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not valid'}`, remedy);
}
