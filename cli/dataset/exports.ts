/** Export folders on this machine, laid out as the bucket is: studies, plates, notes, images. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { isImagePath } from '../../lambdas/domain/keys.ts';
import { type Exclusion, parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { type PlateMap, parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy, type Study } from '../../lambdas/domain/notes/study.ts';
import { compareText } from '../../lambdas/domain/statistics.ts';
import { UserError } from '../console.ts';

export interface PlateNotes {
  notes: Study;
  map: PlateMap;
  /** Of the whole study. */
  exclusions: Exclusion[];
}

export interface PlateFolder {
  study: string;
  plate: string;
  folder: string;
  /** Below the plate's folder, in order, with slashes. */
  images: string[];
  readNotes(): Promise<PlateNotes>;
}

/**
 * @param places each a folder of studies, a study's folder, or `NAME=` and a study's folder
 * @throws UserError where there is no study, or one name twice
 */
export async function platesIn(places: readonly string[]): Promise<PlateFolder[]> {
  const studies = new Map<string, string>();
  for (const { study, folder } of (await Promise.all(places.map(studiesAt))).flat()) {
    const former = studies.get(study);
    if (former !== undefined && former !== folder)
      throw new UserError(`${former} and ${folder} are both study ${study}`, 'Name one of them: NAME=FOLDER.');
    studies.set(study, folder);
  }
  const inOrder = [...studies].sort(([a], [b]) => compareText(a, b));
  return (await Promise.all(inOrder.map(([study, folder]) => platesOf(study, folder)))).flat();
}

async function studiesAt(place: string): Promise<{ study: string; folder: string }[]> {
  const [, name, path] = /^([^=/\\]+)=(.+)$/.exec(place) ?? [];
  const folder = resolve(path ?? place);
  if (!existsSync(folder)) throw new UserError(`${folder} is not there`, 'Check the path.');
  if (existsSync(join(folder, 'study.json'))) return [{ study: name ?? basename(folder), folder }];
  if (name !== undefined)
    throw new UserError(`${folder} holds no study.json`, 'NAME=FOLDER names the folder of one study.');
  const studies = (await foldersIn(folder)).filter((study) => existsSync(join(folder, study, 'study.json')));
  if (studies.length === 0)
    throw new UserError(
      `${folder} holds no study`,
      'A study is a folder with study.json and one folder a plate: see docs/data-model.md.',
    );
  return studies.map((study) => ({ study, folder: join(folder, study) }));
}

async function platesOf(study: string, folder: string): Promise<PlateFolder[]> {
  return Promise.all(
    (await foldersIn(folder)).map(async (plate): Promise<PlateFolder> => {
      const own = join(folder, plate);
      const paths = (await readdir(own, { recursive: true })).map((path) => path.split(sep).join('/'));
      const images = paths.filter(isImagePath).sort(compareText);
      const readNotes = async () => ({
        notes: parseStudy(await textOf(join(folder, 'study.json'), study), `${study}/study.json`),
        map: parsePlateMap(
          await textOf(join(own, 'platemap.csv'), `${study}/${plate}`),
          `${study}/${plate}/platemap.csv`,
        ),
        exclusions: await exclusionsOf(study, folder),
      });
      return { study, plate, folder: own, images, readNotes };
    }),
  );
}

/** @throws NotesError: a set made without what people took out would train on it */
async function exclusionsOf(study: string, folder: string): Promise<Exclusion[]> {
  const file = join(folder, 'exclusions.csv');
  return existsSync(file) ? parseExclusions(await textOf(file, study), `${study}/exclusions.csv`) : [];
}

const foldersIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort(compareText);

const textOf = (file: string, of: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new UserError(`${file} cannot be read`, `${of} needs it for its labels: see docs/data-model.md.`);
  });
