/** `nvir retry STUDY`: sends dead letters back, and has the sweep close every gap of the study or one plate. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { platePrefix } from '../../lambdas/domain/keys.ts';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import type { OutOfDate } from '../../lambdas/domain/reads/read-again.ts';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/index.ts';
import { plateAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { type Connection, connect } from '../connection.ts';
import { print, printJson } from '../console.ts';
import { redriveDeadLetters } from '../dead-letters.ts';
import { countReadAgain, modelOfToday, platesOf } from '../read-again.ts';

interface RetryOptions {
  plate?: string;
  olderPreprocessing?: boolean;
  otherModel?: boolean;
  json?: true;
}

export function retryCommand(): Command {
  return new Command('retry')
    .description('redrive the dead letters of a study, and look again for images without a reading')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--plate <name>', 'only this plate')
    .option(
      '--older-preprocessing',
      'also read again, by today’s model, every plate read that holds an image of another version of preprocessing',
    )
    .option(
      '--other-model',
      'also read again, by today’s model, every plate read that holds an image read by another one',
    )
    .option('--json', 'print as JSON what was sent')
    .addHelpText(
      'after',
      `
Plate reads are read again as a whole, because viabilities of two models do not compare; and where today's model is another, with them
all plate reads of the study that are divided by one another (day 0, vehicle wells of the day). Whatever of them today's model and
preprocessing read already stays. Scores change by it; former readings stay in the history of each image.`,
    )
    .action(async (study: string, options: RetryOptions) => {
      const { plate, json } = options;
      const connection = await connect();
      const api = createApi(connection);
      // A name that nothing is known of is a slip: nothing would ever come of its sweep.
      const state = await api.get(apiPath('studies', study), studyAnswer);
      // The API knows no plate of which nothing was read yet, and that is the one to retry.
      if (plate !== undefined && !(await hasObjects(connection, platePrefix(study, plate))))
        await api.get(apiPath('studies', study, 'plates', plate), plateAnswer);
      // First, and said at once: it needs neither the model nor the readings of all plates.
      const redriven = await redriveDeadLetters(connection, { study, plate });
      if (!json) print(`${redriven} dead letters sent back.`);
      const readAgain = await outOfDate(connection, options);
      const known = state.plates.map(({ plate: name }) => name);
      const upTo =
        readAgain &&
        (await countReadAgain(
          connection,
          api,
          study,
          plate === undefined ? await platesOf(connection, study, known) : [plate],
          readAgain,
        ));
      await sweep(connection, {
        ...(plate === undefined ? { kind: 'sweep-study', study } : { kind: 'sweep-plate', study, plate }),
        ...(readAgain && { readAgain }),
      });
      if (json) {
        const again = readAgain ? { ...readAgain, preprocessingVersion: PREPROCESSING_VERSION, images: upTo } : null;
        return printJson({ study, plate: plate ?? null, redriven, readAgain: again, swept: true });
      }
      if (readAgain) print(readAgainLine(upTo ?? 0, readAgain));
      print(`A sweep of ${plate ?? study} is on its way. Watch it with: nvir status ${study}`);
    });
}

async function outOfDate(
  connection: Connection,
  { olderPreprocessing = false, otherModel = false }: RetryOptions,
): Promise<OutOfDate | undefined> {
  if (!olderPreprocessing && !otherModel) return undefined;
  return { olderPreprocessing, otherModel, model: await modelOfToday(connection) };
}

/** Which version of preprocessing is deployed only the sweep knows. */
function readAgainLine(images: number, { model: { name, version, variant, sha256 } }: OutOfDate): string {
  const counted = `counted by this checkout’s version of preprocessing (${PREPROCESSING_VERSION})`;
  const today = `today’s model: ${name} ${version}, ${variant}, SHA-256 ${sha256.slice(0, 12)}…`;
  return images === 0
    ? `No image is out of date, ${counted} and ${today}.`
    : `Up to ${images} images, ${counted}, are read again by ${today}.`;
}

async function sweep({ aws, output }: Connection, message: SweepMessage): Promise<void> {
  await new SQSClient(aws).send(
    new SendMessageCommand({ QueueUrl: output('SweepQueueUrl'), MessageBody: JSON.stringify(message) }),
  );
}

async function hasObjects({ aws, output }: Connection, prefix: string): Promise<boolean> {
  const { KeyCount = 0 } = await new S3Client(aws).send(
    new ListObjectsV2Command({ Bucket: output('ExportBucketName'), Prefix: prefix, MaxKeys: 1 }),
  );
  return KeyCount > 0;
}
