/** `nvir dataset`: export folders and ATP files to the labelled set that model-container trains from. */
import { Command, Option } from 'commander';
import { SplitRefused } from '../../lambdas/domain/labelled/split.ts';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { nameList, numberOf, shareOf, wholeNumber } from '../arguments.ts';
import { note, printJson, UserError } from '../console.ts';
import { type DatasetOptions, makeDataset } from '../dataset/make.ts';
import { printReport } from '../dataset/report.ts';

export function datasetCommand(): Command {
  return new Command('dataset')
    .description('a labelled set to train on, from export folders and ATP readouts; says of everything dropped why')
    .argument('<exports...>', 'folder of studies as in the bucket, or a study’s folder, or NAME=FOLDER to name it')
    .requiredOption('--atp <file...>', 'plate,well,day,atp_rlu (and study), or a luminometer’s block a plate')
    .requiredOption('--out <dir>', 'folder to write: images.npy, index.csv, dropped.csv')
    .option('--plate <name>', 'plate of a block that does not say it')
    .option('--day <n>', 'day of blocks that do not say it', wholeNumber(0, 999))
    .option(
      '--test-studies <names>',
      'hold these out, a,b or none (default: the last study of a domain that has three)',
      nameList,
    )
    .option('--unseen <microscopes>', 'train on none of these microscopes; split “unseen”', nameList, [])
    .option('--validation-share <share>', 'of a domain’s images, its last batches', shareOf, 0.15)
    .addOption(
      new Option('--batch-by <what>', 'what is one batch: all studies dosed on one day, or each plate')
        .choices(['study', 'plate'])
        .default('study'),
    )
    .option('--vehicle-as-control', 'divide by vehicle wells where a plate read has no untreated ones')
    .option(
      '--saturation <rlu>',
      'where the luminometer ends (default: a highest value that repeats)',
      numberOf('counts'),
    )
    .option(
      '--mismatch <share>',
      'of a plate read’s wells without image or ATP from which on it is refused; 1 allows any, and a shift',
      shareOf,
      0.1,
    )
    .option('--replace', 'write over a labelled set that is already there')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nA label is ATP over the median ATP of the untreated wells of the same plate and day. See docs/train-your-own.md.',
    )
    .action(async (exports: string[], options: DatasetOptions & { json?: true }) => {
      try {
        const report = await makeDataset(exports, options);
        if (options.json) printJson(report);
        else printReport(report);
        note(
          `next, in model-container: python -m nvir data --data "${report.folder}", then train (docs/train-your-own.md)`,
        );
      } catch (error) {
        if (error instanceof SplitRefused) throw new UserError(error.reason, error.remedy);
        if (!(error instanceof NotesError)) throw error;
        const row = error.row === undefined ? '' : `, row ${error.row}`;
        throw new UserError(`${error.file}${row}: ${error.reason}`, error.remedy);
      }
    });
}
