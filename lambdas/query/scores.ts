import type { z } from 'zod';
import { compoundKey } from '../domain/reference.ts';
import { storyOf } from '../domain/scoring/story.ts';
import { NOT_COVERED } from '../domain/verdict/verdict-statement.ts';
import type { compoundAnswer, rankingAnswer } from './answers.ts';
import type { Row } from './csv.ts';
import type { Answer, QueryDeps } from './deps.ts';
import { Problem } from './problem.ts';
import type { Question } from './request.ts';
import type { ranked } from './score-schemas.ts';
import { storedCompoundOf, storedCourseOf, storedDayOf, storedStudyOf } from './stored.ts';
import { answerStudy, NOT_SCORED } from './studies.ts';

/** `GET /v1/studies/{study}/compounds/{compound}` */
export async function answerCompound(
  question: Question,
  deps: QueryDeps,
): Promise<Answer<z.infer<typeof compoundAnswer>>> {
  const { study, provenance } = question;
  const stored = await storedStudyOf(study, deps);
  if (!stored) return { ...unknownCompound(question, await simulatedOf(question, deps)) };
  const names = [...new Set(stored.document.days.flatMap(({ compounds }) => compounds))];
  const compound = names.find((name) => compoundKey(name) === compoundKey(question.compound));
  if (compound === undefined) {
    throw new Problem(404, `study ${study} has no compound ${question.compound}; it has ${names.join(', ') || 'none'}`);
  }
  const [items, courseItem] = await Promise.all([
    storedCompoundOf(study, compound, deps),
    storedCourseOf(study, compound, deps),
  ]);
  const course = courseItem?.document ?? null;
  const days = items.map(({ document }) => {
    const { provenance: source, ...score } = document;
    return provenance && source
      ? { ...score, provenance: source, story: storyOf({ ...score, provenance: source }) }
      : score;
  });
  return {
    body: { study, compound, simulated: stored.document.simulated, scoredAt: stored.scoredAt, days, course },
    rows: days.flatMap(({ points, ...score }) =>
      points.map((point) => {
        const series = course?.concentrations.find(
          ({ concentration_uM }) => concentration_uM === point.concentration_uM,
        );
        return {
          day: score.day,
          ...point,
          ...curveColumns(score),
          timeTo50_days: series?.timeTo50_days,
          timeTo50Censored: series?.timeTo50Censored,
          area_viabilityDays: series?.area_viabilityDays,
        };
      }),
    ),
    columns: COMPOUND_COLUMNS,
  };
}

type Scored = Omit<z.infer<typeof ranked>, 'nearNames'>;

/** What both tables say of a score: the supported curve, the paper's fit and the verdict. */
function curveColumns({ compound, supported, margin, fit, icx_uM, mos, verdict, wells }: Scored): Row {
  const half = supported?.losses.find(({ level }) => level === 50);
  return {
    compound,
    model: supported?.model,
    supportedIc50_uM: half?.concentration_uM,
    supportedIc50Low_uM: half?.low_uM,
    supportedIc50High_uM: half?.high_uM,
    supportedIc50WellsLow_uM: half?.parts?.wells.low_uM,
    supportedIc50WellsHigh_uM: half?.parts?.wells.high_uM,
    supportedIc50ModelLow_uM: half?.parts?.model.low_uM,
    supportedIc50ModelHigh_uM: half?.parts?.model.high_uM,
    censored: half?.censored,
    margin: margin?.mos,
    marginRelation: margin?.relation,
    marginLow: margin?.low,
    marginHigh: margin?.high,
    marginLowWithCmax: margin?.lowWithCmax,
    marginHighWithCmax: margin?.highWithCmax,
    ic50_uM: icx_uM?.ic50_uM,
    hill: fit?.hill,
    mos,
    method: verdict.method,
    verdict: verdict.label,
    couldAlsoBe: verdict.couldAlsoBe?.join('; '),
    wells: wells?.counted,
    wellsLeftOut: wells?.leftOut,
    provisional: verdict.provisional,
  };
}

const CURVE_COLUMNS = [
  'model',
  'supportedIc50_uM',
  'supportedIc50Low_uM',
  'supportedIc50High_uM',
  'supportedIc50WellsLow_uM',
  'supportedIc50WellsHigh_uM',
  'supportedIc50ModelLow_uM',
  'supportedIc50ModelHigh_uM',
  'censored',
  'margin',
  'marginRelation',
  'marginLow',
  'marginHigh',
  'marginLowWithCmax',
  'marginHighWithCmax',
  'ic50_uM',
  'hill',
  'mos',
  'method',
  'verdict',
  'couldAlsoBe',
  'wells',
  'wellsLeftOut',
] as const;

const COMPOUND_COLUMNS = [
  'compound',
  'day',
  'concentration_uM',
  'viability',
  'n',
  'min',
  'max',
  'timeTo50_days',
  'timeTo50Censored',
  'area_viabilityDays',
  ...CURVE_COLUMNS,
  'provisional',
] as const;

const unknownCompound = (
  { study, compound }: Question,
  simulated: boolean | null,
): Answer<z.infer<typeof compoundAnswer>> => ({
  body: { study, compound, simulated, scoredAt: null, unknown: NOT_SCORED, days: [], course: null },
  rows: [],
  columns: COMPOUND_COLUMNS,
});

/** `GET /v1/studies/{study}/dili` */
export async function answerRanking(
  question: Question,
  deps: QueryDeps,
): Promise<Answer<z.infer<typeof rankingAnswer>>> {
  const { study } = question;
  const stored = await storedStudyOf(study, deps);
  const days = stored?.document.days.map(({ day }) => day) ?? [];
  const day = question.day ?? days.at(-1);
  const ranking = !stored || day === undefined ? undefined : await storedDayOf(study, day, deps);
  if (!ranking) {
    const unknown = stored ? missingDay(question.day, days) : NOT_SCORED;
    const simulated = stored?.document.simulated ?? (await simulatedOf(question, deps));
    return {
      body: {
        study,
        simulated,
        scoredAt: stored?.scoredAt ?? null,
        unknown,
        day: day ?? null,
        days,
        provisional: true,
        compounds: [],
        auc: null,
        accuracy: [],
        delayed: [],
        notCovered: NOT_COVERED,
      },
      rows: [],
      columns: RANKING_COLUMNS,
    };
  }
  const { simulated, provisional, compounds, auc, accuracy, delayed } = ranking.document;
  return {
    body: {
      study,
      simulated,
      scoredAt: ranking.scoredAt,
      day: ranking.document.day,
      days,
      provisional,
      compounds,
      auc,
      accuracy,
      delayed,
      notCovered: NOT_COVERED,
    },
    rows: compounds.map((score, index) => ({
      rank: index + 1,
      day: score.day,
      ...curveColumns(score),
      cmax_uM: score.cmax_uM,
      reason: score.verdict.reason,
      dilirank: score.dili.dilirank,
      dilist: score.dili.dilist,
    })),
    columns: RANKING_COLUMNS,
  };
}

const RANKING_COLUMNS = [
  'rank',
  'compound',
  'day',
  'cmax_uM',
  ...CURVE_COLUMNS,
  'reason',
  'provisional',
  'dilirank',
  'dilist',
] as const;

const missingDay = (asked: number | undefined, days: readonly number[]): string =>
  asked === undefined || days.length === 0
    ? 'no plate read with a day has been scored yet'
    : `there is no plate read of day ${asked}; there are ${days.join(', ')}`;

/** What the notes of a study say that has no score yet. @throws Problem 404 when there is no such study. */
async function simulatedOf(question: Question, deps: QueryDeps): Promise<boolean | null> {
  return (await answerStudy(question, deps)).body.simulated;
}
