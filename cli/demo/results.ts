/** Everything that the API says of a study once it is scored. */
import type { z } from 'zod';
import {
  compoundAnswer,
  plateAnswer,
  rankingAnswer,
  readingsAnswer,
  studyAnswer,
} from '../../lambdas/query/answers.ts';
import { type Api, apiPath } from '../api.ts';

export type PlacedReading = z.infer<typeof readingsAnswer>['readings'][number];

export interface PlateResult extends z.infer<typeof plateAnswer> {
  readings: PlacedReading[];
}

export interface StudyResults {
  state: z.infer<typeof studyAnswer>;
  /** Of the last day. */
  ranking: z.infer<typeof rankingAnswer>;
  compounds: z.infer<typeof compoundAnswer>[];
  plates: PlateResult[];
}

export async function fetchResults(api: Api, study: string): Promise<StudyResults> {
  const state = await api.get(apiPath('studies', study), studyAnswer);
  const ranking = await api.get(apiPath('studies', study, 'dili'), rankingAnswer);
  const compounds = [];
  for (const { compound } of ranking.compounds)
    compounds.push(await api.get(apiPath('studies', study, 'compounds', compound), compoundAnswer));
  const plates: PlateResult[] = [];
  for (const { plate } of state.plates) {
    const readings: PlacedReading[] = [];
    for await (const page of api.pages(apiPath('studies', study, 'plates', plate, 'readings'), readingsAnswer))
      readings.push(...page.readings);
    plates.push({ ...(await api.get(apiPath('studies', study, 'plates', plate), plateAnswer)), readings });
  }
  return { state, ranking, compounds, plates };
}
