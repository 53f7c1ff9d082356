import type { z } from 'zod';
import { loadDecisions, loadNotes, orUnknown } from '../aws/study-view.ts';
import { studyNotesKey } from '../domain/keys.ts';
import { compareText } from '../domain/statistics.ts';
import type { studiesAnswer, studyAnswer } from './answers.ts';
import type { Answer, QueryDeps } from './deps.ts';
import { Problem } from './problem.ts';
import { cursorAfter, type Question } from './request.ts';
import { storedPlatesOf, storedStudyOf } from './stored.ts';

export const NOT_SCORED = 'this study has not been scored yet in the form that is now read';

/** `GET /v1/studies` */
export async function answerStudies(
  { after, limit }: Question,
  deps: QueryDeps,
): Promise<Answer<z.infer<typeof studiesAnswer>>> {
  const names: string[] = [];
  for await (const study of deps.bucket.studies()) if (after === undefined || study > after) names.push(study);
  const page = names.sort(compareText).slice(0, limit);
  const studies = await Promise.all(
    page.map(async (study) => {
      const stored = await storedStudyOf(study, deps);
      return {
        study,
        scoredAt: stored?.scoredAt ?? null,
        simulated: stored?.document.simulated ?? null,
        days: stored?.document.days.map(({ day }) => day) ?? [],
        plates: stored?.document.plates.length ?? 0,
        problems: stored?.document.problems.length ?? 0,
      };
    }),
  );
  const last = page.at(-1);
  const nextCursor = names.length > page.length && last !== undefined ? cursorAfter(last) : null;
  return {
    body: { studies, nextCursor },
    rows: studies.map((study) => ({ ...study, days: study.days.join(' ') })),
    columns: ['study', 'scoredAt', 'simulated', 'days', 'plates', 'problems'],
    nextCursor,
  };
}

/** `GET /v1/studies/{study}` */
export async function answerStudy({ study }: Question, deps: QueryDeps): Promise<Answer<z.infer<typeof studyAnswer>>> {
  const [stored, { notes, problems }, plates, decisions] = await Promise.all([
    storedStudyOf(study, deps),
    loadNotes(study, deps),
    storedPlatesOf(study, deps),
    loadDecisions(study, deps),
  ]);
  if (!stored && !notes && problems.length === 0 && !(await exists(study, deps))) {
    throw new Problem(
      404,
      `there is no study ${study}: nothing lies below ${studyNotesKey(study).replace(/[^/]*$/, '')}`,
    );
  }
  const reads = plates.flatMap(({ document: { plate, reads: all } }) =>
    all.map(
      ({
        absentWells,
        rejected,
        firstTakenAt: _first,
        lastTakenAt: _last,
        superseded: _superseded,
        quality,
        ...read
      }) => ({
        plate,
        ...read,
        absentWells: absentWells.length,
        rejected: rejected.length,
        ...(quality ? { quality: quality.verdict } : {}),
      }),
    ),
  );
  return {
    body: {
      study,
      ...(notes && {
        ...(notes.name === undefined ? {} : { name: notes.name }),
        location: notes.location,
        microscope: notes.microscope,
        cellModel: notes.cellModel,
        ...(notes.donor === undefined ? {} : { donor: notes.donor }),
        firstDosing: notes.firstDosing.at,
      }),
      imagingDays: notes?.imagingDays ?? [],
      // By the files' own word, where the score knows it.
      simulated: notes?.simulated || (stored?.document.simulated ?? orUnknown(false, notes)),
      scoredAt: stored?.scoredAt ?? null,
      scoringVersion: stored?.document.scoringVersion ?? null,
      ...(stored ? {} : { unknown: NOT_SCORED }),
      days: stored?.document.days ?? [],
      plates: plates.map(({ document: { plate, hasMap, unplaced } }) => ({
        plate,
        hasMap,
        unplaced: unplaced.length,
        reads: reads.filter((read) => read.plate === plate).map(({ plate: _plate, ...read }) => read),
      })),
      lock: decisions.hold ?? null,
      // A file that holds the scores came after them, so they do not tell of it.
      problems: [...new Set([...(stored?.document.problems ?? problems), ...decisions.problems])].sort(compareText),
    },
    rows: reads,
    columns: [
      'plate',
      'day',
      'complete',
      'expectedWells',
      'imagedWells',
      'absentWells',
      'rejected',
      'usable',
      'quality',
    ],
  };
}

async function exists(study: string, { bucket }: QueryDeps): Promise<boolean> {
  for await (const _plate of bucket.plates(study)) return true;
  return false;
}
