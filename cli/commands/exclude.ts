/** `nvir exclude` and `nvir include`: a person takes a well out of scoring, or puts it back; both are kept with name and reason. */

import { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { exclusionsKey } from '../../lambdas/domain/keys.ts';
import { EXCLUSION_COLUMNS, type Exclusion, parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { parseWell, wellName } from '../../lambdas/domain/well.ts';
import { plateAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { numberOf } from '../arguments.ts';
import { type Connection, connect } from '../connection.ts';
import { print, printJson, UserError } from '../console.ts';
import { changeNote } from '../notes-file.ts';

interface Options {
  name: string;
  reason: string;
  day?: number;
  json?: true;
}

export const excludeCommand = (): Command =>
  decision('exclude', 'take a well out of scoring; reversible, and kept in the provenance of every score it concerns');
export const includeCommand = (): Command => decision('include', 'put a well back that was excluded');

function decision(action: Exclusion['action'], description: string): Command {
  return new Command(action)
    .description(description)
    .argument('<study>', 'its name, as `nvir status` lists it')
    .argument('<plate>', 'its folder')
    .argument('<well>', 'A1, a01 and A01 are the same well')
    .requiredOption('--name <who>', 'who decides')
    .requiredOption('--reason <text>', 'why; it stands in the provenance')
    .option('--day <n>', 'only on this imaging day (default: on all)', numberOf('a day after the first dosing'))
    .option('--json', 'print as JSON what was written')
    .addHelpText(
      'after',
      '\nWrites a row of exports/STUDY/exclusions.csv, which may also be written by hand: the last row about a well counts.',
    )
    .action(async (study: string, plate: string, wellText: string, options: Options) => {
      const connection = await connect();
      const well = await knownWell(connection, { study, plate, wellText });
      const row: Exclusion = {
        plate,
        well,
        ...(options.day === undefined ? {} : { day: options.day }),
        action,
        name: filled(options.name, '--name'),
        reason: filled(options.reason, '--reason'),
        at: new Date().toISOString(),
      };
      const key = exclusionsKey(study);
      await changeNote(connection, key, 'text/csv', (text) => withRow(text, row, key));
      if (options.json) return printJson(row);
      const day = options.day === undefined ? '' : `, day ${options.day}`;
      print(`${plate} ${well}${day}: ${action}d by ${row.name}. ${await whatFollows(connection, study, plate)}`);
    });
}

function filled(text: string, option: string): string {
  if (text.trim() !== '') return text.trim();
  throw new UserError(`${option} is empty`, 'Say who decides and why: without both nothing is left out.');
}

/** A well that no map has is a slip: nothing would ever come of it. */
async function knownWell(
  connection: Connection,
  { study, plate, wellText }: { study: string; plate: string; wellText: string },
): Promise<string> {
  const address = parseWell(wellText);
  if (!address) throw new UserError(`${wellText} is no well`, 'Write A01 to AF48.');
  const { map, hasMap } = await createApi(connection).get(apiPath('studies', study, 'plates', plate), plateAnswer);
  const well = wellName(address);
  if (hasMap && !map.some((entry) => entry.well === well))
    throw new UserError(`the map of plate ${plate} has no well ${well}`, 'Look at it with the API or in platemap.csv.');
  return well;
}

async function whatFollows(connection: Connection, study: string, plate: string): Promise<string> {
  const { lock, scoredAt } = await createApi(connection).get(apiPath('studies', study), studyAnswer);
  if (!lock || scoredAt === null) return `${study} is scored again; see nvir quality ${study} --plate ${plate}`;
  if (lock.name === null) return `${study} is not scored again: ${lock.reason}`;
  return `${study} is locked by ${lock.name} (${lock.reason}), so its scores stay as they stand; the row counts once it is unlocked (nvir unlock ${study})`;
}

/** Rows that stand are kept as they are; a file that cannot be read is not written over. */
function withRow(text: string | undefined, row: Exclusion, key: string): string {
  try {
    const rows = text === undefined || text.trim() === '' ? [] : parseExclusions(text, key);
    return stringify([...rows, row], { header: true, columns: [...EXCLUSION_COLUMNS] });
  } catch (error) {
    if (error instanceof NotesError)
      throw new UserError(`${error.file} cannot be read: ${error.message}`, error.remedy);
    throw error;
  }
}
