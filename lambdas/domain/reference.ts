/** The drug reference: Cmax with its range and source, DILI labels. Columns as in reference/compounds.csv. */
import { parse } from 'csv-parse/sync';
import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { NotesError } from './notes-error.ts';
import { compareText } from './statistics.ts';

const number = z
  .string()
  .transform((text) => (text === '' ? undefined : Number(text)))
  .refine((value) => value === undefined || Number.isFinite(value), 'is not a number');
const text = z.string().transform((value) => (value === '' ? undefined : value));

const rowSchema = z.object({
  compound: z.string().min(1),
  cmax_uM: number,
  cmax_min_uM: number.optional(),
  cmax_max_uM: number.optional(),
  cmax_n: number.optional(),
  cmax_source: text.optional(),
  dilirank: text.optional(),
  dilist: text.optional(),
});

export interface ReferenceCompound {
  compound: string;
  /** Total plasma Cmax: median over the literature. */
  cmax_uM?: number;
  cmaxRange_uM?: readonly [number, number];
  /** Number of literature values behind it. */
  cmaxSources?: number;
  cmaxSource?: string;
  dilirank?: string;
  dilist?: string;
  /** 1 = DILIrank Most or Less concern, 0 = No concern; undefined = ambiguous or not ranked: left out of AUCs, and counted. */
  dili?: 0 | 1;
}

export interface Reference {
  find(name: string): ReferenceCompound | undefined;
  /** Up to three names that the writer may have meant. */
  near(name: string): string[];
}

const DILI_BY_RANK: Record<string, 0 | 1> = { 'Most-DILI-Concern': 1, 'Less-DILI-Concern': 1, 'No-DILI-Concern': 0 };
/** Letters that may differ for a name to be offered as near, as a share of its length. */
const NEAR_SHARE = 0.3;

/** Case, spaces and hyphens do not tell compounds apart. */
export const compoundKey = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');

export function parseReference(csv: string, file = 'reference/compounds.csv'): Reference {
  const rows: unknown[] = parse(csv, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  const compounds = new Map<string, ReferenceCompound>();
  for (const [index, row] of rows.entries()) {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success) {
      throw new NotesError(
        file,
        parsed.error.issues[0]?.message ?? 'not valid',
        'See reference/README.md for the columns.',
        index + 2,
      );
    }
    compounds.set(compoundKey(parsed.data.compound), toCompound(parsed.data));
  }
  return referenceOf(compounds);
}

function toCompound(row: z.infer<typeof rowSchema>): ReferenceCompound {
  const range =
    row.cmax_min_uM !== undefined && row.cmax_max_uM !== undefined
      ? ([row.cmax_min_uM, row.cmax_max_uM] as const)
      : undefined;
  const dili = DILI_BY_RANK[row.dilirank ?? ''];
  return {
    compound: row.compound,
    ...(row.cmax_uM === undefined ? {} : { cmax_uM: row.cmax_uM }),
    ...(range ? { cmaxRange_uM: range } : {}),
    ...(row.cmax_n === undefined ? {} : { cmaxSources: row.cmax_n }),
    ...(row.cmax_source ? { cmaxSource: row.cmax_source } : {}),
    ...(row.dilirank ? { dilirank: row.dilirank } : {}),
    ...(row.dilist ? { dilist: row.dilist } : {}),
    ...(dili === undefined ? {} : { dili }),
  };
}

function referenceOf(compounds: ReadonlyMap<string, ReferenceCompound>): Reference {
  const keys = [...compounds].map(([key, { compound: name }]) => ({ key, name }));
  return {
    find: (name) => compounds.get(compoundKey(name)),
    near: (name) => {
      const key = compoundKey(name);
      if (key === '') return [];
      const limit = Math.max(1, Math.floor(NEAR_SHARE * key.length));
      const candidates = keys.filter((candidate) => Math.abs(candidate.key.length - key.length) <= limit);
      const near = candidates
        .map((candidate) => ({ name: candidate.name, letters: distance(key, candidate.key) }))
        .filter(({ letters }) => letters <= limit)
        .sort((a, b) => a.letters - b.letters || compareText(a.name, b.name));
      if (near.length > 0) return near.slice(0, 3).map(({ name: found }) => found);
      // A longer or shorter form of the same word, such as a salt.
      const start = keys
        .filter((candidate) => candidate.key.startsWith(key.slice(0, 4)))
        .map((candidate) => candidate.name);
      return start.length > 0 ? [closest(name, start)] : [];
    },
  };
}
