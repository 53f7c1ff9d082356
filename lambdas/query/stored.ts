/** Scores as they are stored, parsed where they come in. */
import { z } from 'zod';
import { readDocument } from '../aws/score-documents.ts';
import { type ScoreItem, scoreKeys } from '../aws/scores-table.ts';
import { READABLE_SINCE } from '../domain/version.ts';
import { plateAnswer, rankingAnswer, studyAnswer } from './answers.ts';
import type { QueryDeps } from './deps.ts';
import { compoundCourse, compoundDay } from './score-schemas.ts';

const writtenBy = z.object({ scoringVersion: z.string() });

const storedStudy = z.object({
  simulated: studyAnswer.shape.simulated,
  scoringVersion: z.string(),
  days: studyAnswer.shape.days,
  plates: z.array(z.string()),
  problems: z.array(z.string()),
});

const storedPlate = z.object({
  plate: z.string(),
  hasMap: z.boolean(),
  reads: plateAnswer.shape.reads,
  unplaced: plateAnswer.shape.unplaced,
});

const storedDay = rankingAnswer
  .pick({ provisional: true, simulated: true, compounds: true, accuracy: true, delayed: true })
  .extend({
    day: z.number(),
    auc: rankingAnswer.shape.auc.unwrap(),
  });

export interface Stored<T> {
  document: T;
  scoredAt: string | null;
}

async function parsed<T>(item: ScoreItem, schema: z.ZodType<T>, { bucket }: QueryDeps): Promise<Stored<T>> {
  return { document: schema.parse(await readDocument(item, bucket)), scoredAt: item.scoredAt ?? null };
}

/**
 * Undefined when the study was never scored in the form that is now read: what an older version wrote is written anew within
 * the hour.
 */
export async function storedStudyOf(study: string, deps: QueryDeps) {
  const item = await deps.scores.get(study, scoreKeys.study);
  if (!item) return undefined;
  const { document } = await parsed(item, writtenBy, deps);
  return Number(document.scoringVersion) >= READABLE_SINCE ? parsed(item, storedStudy, deps) : undefined;
}

export async function storedPlatesOf(study: string, deps: QueryDeps) {
  const items = await deps.scores.list(study, scoreKeys.plates);
  return Promise.all(items.map((item) => parsed(item, storedPlate, deps)));
}

/** Undefined when the plate was never scored. */
export async function storedPlateOf(study: string, plate: string, deps: QueryDeps) {
  const item = await deps.scores.get(study, scoreKeys.plate(plate));
  return item && parsed(item, storedPlate, deps);
}

export async function storedDayOf(study: string, day: number, deps: QueryDeps) {
  const item = await deps.scores.get(study, scoreKeys.day(day));
  return item && parsed(item, storedDay, deps);
}

/** Every day of a compound, by the name that the study's plate maps use. */
export async function storedCompoundOf(study: string, compound: string, deps: QueryDeps) {
  const items = await deps.scores.list(study, scoreKeys.compoundDays(compound));
  return Promise.all(items.map((item) => parsed(item, compoundDay, deps)));
}

/** A compound over the days. */
export async function storedCourseOf(study: string, compound: string, deps: QueryDeps) {
  const item = await deps.scores.get(study, scoreKeys.course(compound));
  return item && parsed(item, compoundCourse, deps);
}
