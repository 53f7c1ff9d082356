/** The drugs of a simulated screen: those with a published IC50 in human liver microtissues, which becomes the truth. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

export interface Drug {
  name: string;
  /** Geometric mean of the published finite hLiMT ATP IC50s (Proctor 2017, Fäs 2025): the truth of the last day. */
  ic50_uM: number;
  cmax_uM: number;
  dili: 0 | 1;
}

const rowSchema = z.object({
  compound: z.string(),
  cmax_uM: z.string(),
  dilirank: z.string(),
  hlimt_ic50_uM_proctor_2017: z.string(),
  hlimt_atp_ic50_uM_fas_2025: z.string(),
});

const REFERENCE = new URL('../../reference/compounds.csv', import.meta.url);

/** `>412` means that nothing was seen: not an IC50, and not a truth to simulate. */
const published = (text: string): number[] => (text === '' || text.startsWith('>') ? [] : [Number(text)]);

/** @param count how many; alternating between drugs with and without DILI concern as long as there are both */
export function drugsWithPublishedIc50(count: number): Drug[] {
  const rows = z.array(rowSchema).parse(parse(readFileSync(REFERENCE, 'utf8'), { columns: true, bom: true }));
  const drugs = rows.flatMap((row): Drug[] => {
    const values = [...published(row.hlimt_ic50_uM_proctor_2017), ...published(row.hlimt_atp_ic50_uM_fas_2025)];
    const dili = { 'Most-DILI-Concern': 1, 'No-DILI-Concern': 0 }[row.dilirank];
    if (values.length === 0 || row.cmax_uM === '' || dili === undefined) return [];
    const ic50_uM = Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
    return [{ name: row.compound, ic50_uM, cmax_uM: Number(row.cmax_uM), dili: dili === 1 ? 1 : 0 }];
  });
  const without = drugs.filter((drug) => drug.dili === 0);
  const withConcern = drugs.filter((drug) => drug.dili === 1);
  const half = Math.min(without.length, Math.floor(count / 2));
  // Evenly over the list, so that the choice is not all drugs that begin with A.
  const spread = (list: readonly Drug[], n: number): Drug[] =>
    Array.from(
      { length: Math.min(n, list.length) },
      (_, i) => list[Math.floor((i * list.length) / Math.min(n, list.length))],
    ).flatMap((drug) => drug ?? []);
  return [...spread(without, half), ...spread(withConcern, count - half)].sort((a, b) => (a.name < b.name ? -1 : 1));
}
