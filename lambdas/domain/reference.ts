/** The drug reference: Cmax with its range and source, DILI labels. Columns as in reference/compounds.csv. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { nearNames } from './near-names.ts';
import { NotesError } from './notes/notes-error.ts';

const number = z
  .string()
  .transform((text) => (text === '' ? undefined : Number(text)))
  .refine((value) => value === undefined || Number.isFinite(value), 'is not a number');
const text = z.string().transform((value) => (value === '' ? undefined : value));
/** `31.6`, or `>1105` where nothing was seen up to there; blank is not known. */
const censored = z
  .string()
  .transform((value) => {
    if (value === '') return undefined;
    const relation = value.startsWith('>') ? ('>' as const) : ('=' as const);
    return { ic50_uM: Number(value.replace('>', '')), relation };
  })
  .refine((value) => value === undefined || value.ic50_uM > 0, 'is not a concentration such as 31.6 or >100');

const rowSchema = z.object({
  compound: z.string().min(1),
  cmax_uM: number,
  cmax_min_uM: number.optional(),
  cmax_max_uM: number.optional(),
  cmax_n: number.optional(),
  cmax_source: text.optional(),
  dilirank: text.optional(),
  dilist: text.optional(),
  hlimt_ic50_uM_proctor_2017: censored.optional(),
  hlimt_atp_ic50_uM_fas_2025: censored.optional(),
});

export interface PublishedIc50 {
  source: string;
  ic50_uM: number;
  /** `>`: nothing seen up to there. */
  relation: '=' | '>';
}

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
  /** In human liver microtissues; absent where none is published, which is not "no effect". */
  publishedIc50s?: readonly PublishedIc50[];
}

export interface Reference {
  compounds: readonly ReferenceCompound[];
  find(name: string): ReferenceCompound | undefined;
  /** Up to three names that the writer may have meant. */
  near(name: string): string[];
  /** Of the file that it was read from. */
  sha256?: string;
}

const DILI_BY_RANK: Record<string, 0 | 1> = { 'Most-DILI-Concern': 1, 'Less-DILI-Concern': 1, 'No-DILI-Concern': 0 };
/** Spaces, hyphens and dashes of any kind, and underscores. */
const SEPARATORS = /(\p{Nd}?)[\s_\p{Pd}]+(?=(\p{Nd}?))/gu;

/**
 * Case, spaces and hyphens do not tell compounds apart, but between digits they do: CPD-1-1 is not CPD-11.
 *
 * @example compoundKey('Valproic-Acid') // 'valproicacid'
 */
export const compoundKey = (name: string): string =>
  name
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .replace(SEPARATORS, (_all, before: string, after: string) => before + (before && after ? '-' : ''));

export interface ReferenceSource {
  /** @default 'reference/compounds.csv' */
  file?: string;
  /** Of the text, for provenance. */
  sha256?: string;
}

/** @throws NotesError naming the row. */
export function parseReference(
  csv: string,
  { file = 'reference/compounds.csv', sha256 }: ReferenceSource = {},
): Reference {
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
    const key = compoundKey(parsed.data.compound);
    if (compounds.has(key))
      throw new NotesError(
        file,
        `${parsed.data.compound} stands twice`,
        'Keep one row a compound; case, spaces and hyphens do not tell names apart.',
        index + 2,
      );
    compounds.set(key, toCompound(parsed.data));
  }
  return { ...lookupOf(compounds), ...(sha256 === undefined ? {} : { sha256 }) };
}

function toCompound(row: z.infer<typeof rowSchema>): ReferenceCompound {
  const range =
    row.cmax_min_uM !== undefined && row.cmax_max_uM !== undefined
      ? ([row.cmax_min_uM, row.cmax_max_uM] as const)
      : undefined;
  const dili = DILI_BY_RANK[row.dilirank ?? ''];
  const published = [
    ...(row.hlimt_ic50_uM_proctor_2017 ? [{ source: 'Proctor 2017', ...row.hlimt_ic50_uM_proctor_2017 }] : []),
    ...(row.hlimt_atp_ic50_uM_fas_2025 ? [{ source: 'Fäs 2025', ...row.hlimt_atp_ic50_uM_fas_2025 }] : []),
  ];
  return {
    compound: row.compound,
    ...(row.cmax_uM === undefined ? {} : { cmax_uM: row.cmax_uM }),
    ...(range ? { cmaxRange_uM: range } : {}),
    ...(row.cmax_n === undefined ? {} : { cmaxSources: row.cmax_n }),
    ...(row.cmax_source ? { cmaxSource: row.cmax_source } : {}),
    ...(row.dilirank ? { dilirank: row.dilirank } : {}),
    ...(row.dilist ? { dilist: row.dilist } : {}),
    ...(dili === undefined ? {} : { dili }),
    ...(published.length > 0 ? { publishedIc50s: published } : {}),
  };
}

function lookupOf(compounds: ReadonlyMap<string, ReferenceCompound>): Omit<Reference, 'sha256'> {
  const candidates = [...compounds].map(([key, { compound: name }]) => ({ key, name }));
  return {
    compounds: [...compounds.values()],
    find: (name) => compounds.get(compoundKey(name)),
    near: (name) => nearNames(compoundKey(name), candidates),
  };
}
