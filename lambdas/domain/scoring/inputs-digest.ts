/** What a plate's scores were made from, in a form that can be compared: the sweep finds scores that are older than it. */
import { identityOf } from '../reads/mixed-models.ts';
import type { Reading } from '../reads/reading.ts';
import { compareText } from '../statistics.ts';
import { SCORING_VERSION } from '../version.ts';
import type { PlateInput } from './score-study.ts';

export interface StudyInputs {
  /** ETag of study.json. */
  notesVersion: string | undefined;
  /** Of the drug reference. */
  referenceSha256: string | undefined;
  /** ETag of exclusions.csv. */
  exclusionsVersion?: string | undefined;
}

/** Everything of a plate that scoring looks at, as text; equal inputs give equal text in any order. */
export function inputsOf(
  { readings, mapVersion }: PlateInput,
  { notesVersion, referenceSha256, exclusionsVersion }: StudyInputs,
): string {
  const facts = readings
    .filter((reading) => reading.status !== 'deleted')
    .map(factsOf)
    .sort(compareText);
  return JSON.stringify([
    SCORING_VERSION,
    notesVersion ?? null,
    mapVersion ?? null,
    referenceSha256 ?? null,
    exclusionsVersion ?? null,
    facts,
  ]);
}

const factsOf = ({ path, versionId, uploadedAt, status, viability, image, ...reading }: Reading): string =>
  JSON.stringify([
    path,
    versionId,
    uploadedAt,
    status,
    viability ?? null,
    reading.sharedHalfWidth90 ?? null,
    image?.takenAt ?? null,
    image?.bitDepth ?? null,
    image?.bitDepthSource ?? null,
    reading.preprocessingVersion,
    reading.model ? identityOf(reading.model) : null,
  ]);
