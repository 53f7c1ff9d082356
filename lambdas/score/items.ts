/** From a study's scores to the items that answer questions. */
import { scoreKeys } from '../aws/scores-table.ts';
import type { PlateSummary } from '../domain/reads/completeness.ts';
import type { CompoundScore, DayScore, StudyScores } from '../domain/scoring/scores.ts';
import type { CompoundCourse } from '../domain/time/compound-course.ts';
import { SCORING_VERSION } from '../domain/version.ts';

/** An item before it is written. */
export interface ScoreDraft {
  sortKey: string;
  document: object;
  verdict?: string;
  announced?: string;
  inputsDigest?: string;
}

/** What the sweep compares with the readings as they stand. */
export type InputsDigests = ReadonlyMap<string, string>;

/**
 * @param simulated whether images are; null when nobody says
 * @param held verdicts that were last announced, of compounds whose own is held back
 */
export function itemsOf(
  scores: StudyScores,
  simulated: boolean | null,
  inputs: InputsDigests,
  held: ReadonlyMap<string, string>,
): ScoreDraft[] {
  return [
    ...scores.days.flatMap((day) => day.compounds.map((score) => compoundItem(score, held))),
    ...scores.courses.map((course) => ({ sortKey: scoreKeys.course(course.compound), document: course })),
    ...scores.days.map((day) => dayItem(day, scores.courses, simulated)),
    ...scores.plates.map((plate) => plateItem(plate, inputs)),
    studyItem(scores, simulated),
  ];
}

function compoundItem(score: CompoundScore, held: ReadonlyMap<string, string>): ScoreDraft {
  const sortKey = scoreKeys.compound(score.compound, score.day);
  const announced = held.get(sortKey);
  return { sortKey, document: score, verdict: score.verdict.label, ...(announced === undefined ? {} : { announced }) };
}

const dayItem = (
  { day, provisional, compounds, auc, accuracy }: DayScore,
  courses: readonly CompoundCourse[],
  simulated: boolean | null,
): ScoreDraft => ({
  sortKey: scoreKeys.day(day),
  document: {
    day,
    provisional,
    simulated,
    compounds: compounds.map(rankingRow),
    auc,
    accuracy,
    delayed: courses.flatMap(({ compound, delayed }) => (delayed ? [{ compound, finding: delayed.finding }] : [])),
  },
});

/** Losses in a ranking: a list of hundreds of compounds must be one answer. */
const RANKED_LEVELS: readonly number[] = [10, 50];

/** A compound's line in the ranking. */
function rankingRow(score: CompoundScore): object {
  const { provenance: _, points: _points, cmaxSource: _source, statement: _statement, donor: _donor, ...row } = score;
  const losses = row.supported?.losses.filter(({ level }) => RANKED_LEVELS.includes(level));
  return { ...row, supported: row.supported && { ...row.supported, losses } };
}

const plateItem = (plate: PlateSummary, inputs: InputsDigests): ScoreDraft => ({
  sortKey: scoreKeys.plate(plate.plate),
  document: plate,
  ...withDigest(inputs.get(plate.plate)),
});

const withDigest = (inputsDigest: string | undefined) => (inputsDigest === undefined ? {} : { inputsDigest });

const studyItem = ({ study, days, plates, problems }: StudyScores, simulated: boolean | null): ScoreDraft => ({
  sortKey: scoreKeys.study,
  document: {
    study,
    simulated,
    scoringVersion: SCORING_VERSION,
    days: days.map(({ day, provisional, compounds, auc }) => ({
      day,
      provisional,
      compounds: compounds.map(({ compound }) => compound).sort(),
      auc,
    })),
    plates: plates.map(({ plate }) => plate),
    problems,
  },
});
