import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Layer {
  /** Folders of ours that it may import, besides itself. */
  ours: readonly string[];
  /** Folders of which it may import types. */
  types?: readonly string[];
  /** Packages that it must not import, besides those forbidden to all. */
  not?: RegExp;
}

const cloudClients = /^(@aws-sdk\/|@smithy\/)/;
const infrastructure = /^(aws-cdk-lib|constructs|cdk-nag)/;
const handler: Layer = {
  ours: ['lambdas/domain', 'lambdas/imaging', 'lambdas/aws'],
  not: new RegExp(`${cloudClients.source}|${infrastructure.source}`),
};

/** What each folder may import; see CONTRIBUTING.md, "Where code goes". */
const layers: Readonly<Record<string, Layer>> = {
  // No AWS, no I/O, no clock: pure functions over plain data.
  'lambdas/domain': { ours: [], not: /^(node:|sharp|@aws|@smithy|aws-cdk|constructs|hono)/ },
  'lambdas/imaging': { ours: [], types: ['lambdas/domain'], not: /^(@aws|@smithy|aws-cdk|constructs)/ },
  'lambdas/aws': { ours: ['lambdas/domain'], not: infrastructure },
  'lambdas/preprocess': handler,
  'lambdas/notify': handler,
  'lambdas/score': handler,
  'lambdas/sweep': handler,
  'lambdas/query': handler,
  // Names handlers by their path only.
  lib: { ours: [], not: cloudClients },
  bin: { ours: ['lib'], not: cloudClients },
  // Knows CloudFormation and AWS protocols, and nothing of spheroids; takes the weights that a deployment would send, and no others.
  local: { ours: ['lib/model-folder.ts'], not: /^(@aws-sdk\/|sharp|aws-cdk-lib|constructs)/ },
  simulation: { ours: ['lambdas/domain', 'lambdas/imaging'], not: /^(@aws|aws-cdk-lib)/ },
  cli: { ours: ['lambdas', 'lib', 'local', 'simulation'] },
};

interface Import {
  file: string;
  specifier: string;
  typesOnly: boolean;
}

const sources = Object.keys(layers).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')),
);

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map(([, types, specifier = '']) => ({ file, specifier, typesOnly: types !== undefined })),
    ...[...dynamic].map(([, specifier = '']) => ({ file, specifier, typesOnly: false })),
  ];
};

const layerOf = (path: string): string | undefined =>
  Object.keys(layers).find((folder) => path === folder || path.startsWith(`${folder}/`));
const isWithin = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

function complaint({ file, specifier, typesOnly }: Import): string | undefined {
  const from = layerOf(file);
  const layer = from === undefined ? undefined : layers[from];
  if (from === undefined || layer === undefined) return undefined;
  if (!specifier.startsWith('.')) {
    return layer.not?.test(specifier) && !typesOnly ? `${file} imports ${specifier}` : undefined;
  }
  const to = relative(root, resolve(root, dirname(file), specifier))
    .split(sep)
    .join('/');
  const allowed = [from, ...layer.ours, ...(typesOnly ? (layer.types ?? []) : [])];
  return isWithin(to, allowed) ? undefined : `${file} imports ${to}`;
}

it('imports point down', () => {
  expect(sources.flatMap(importsOf).flatMap((found) => complaint(found) ?? [])).toEqual([]);
});

it('notices an import that points up, in every form', () => {
  const up = { file: 'lambdas/domain/well.ts', typesOnly: false };
  expect(complaint({ ...up, specifier: '../aws/readings.ts' })).toBe(
    'lambdas/domain/well.ts imports lambdas/aws/readings.ts',
  );
  expect(complaint({ ...up, specifier: 'node:fs' })).toBe('lambdas/domain/well.ts imports node:fs');
  expect(complaint({ ...up, file: 'lib/scoring.ts', specifier: '../lambdas/score/handler.ts' })).toBeDefined();
  expect(complaint({ ...up, file: 'lambdas/imaging/prepare.ts', specifier: '../domain/quality.ts' })).toBeDefined();
  expect(
    complaint({ file: 'lambdas/imaging/prepare.ts', specifier: '../domain/quality.ts', typesOnly: true }),
  ).toBeUndefined();
});

it('looks at every folder', () => {
  for (const file of ['lib/nvir-stack.ts', 'bin/nvir.ts', 'local/contract.ts', 'cli/main.ts'])
    expect(sources).toContain(file);
  expect(importsOf('lib/nvir-stack.ts').map(({ specifier }) => specifier)).toContain('./scoring.ts');
});
