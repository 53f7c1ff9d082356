/** `nvir retry STUDY`: sends dead letters back, and has the sweep close every gap of the study or one plate. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { platePrefix } from '../../lambdas/domain/keys.ts';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/version.ts';
import { plateAnswer, readingsAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type Api, apiPath, createApi } from '../api.ts';
import { type Connection, connect } from '../connection.ts';
import { print, printJson } from '../console.ts';
import { redriveDeadLetters } from '../dead-letters.ts';

export function retryCommand(): Command {
  return new Command('retry')
    .description(
      'redrive the dead letters of a study, look again for images without a reading, and read again what another version of preprocessing read',
    )
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--plate <name>', 'only this plate')
    .option('--json', 'print as JSON what was sent')
    .action(async (study: string, { plate, json }: { plate?: string; json?: true }) => {
      const connection = await connect();
      const api = createApi(connection);
      // A name that nothing is known of is a slip: nothing would ever come of its sweep.
      const state = await api.get(apiPath('studies', study), studyAnswer);
      // The API knows no plate of which nothing was read yet, and that is the one to retry.
      if (plate !== undefined && !(await hasObjects(connection, platePrefix(study, plate))))
        await api.get(apiPath('studies', study, 'plates', plate), plateAnswer);
      const plates = state.plates
        .map(({ plate: name }) => name)
        .filter((name) => plate === undefined || name === plate);
      const older = await readByAnother(api, study, plates);
      const redriven = await redriveDeadLetters(connection, { study, plate });
      const message: SweepMessage =
        plate === undefined
          ? { kind: 'sweep-study', study, olderPreprocessing: true }
          : { kind: 'sweep-plate', study, plate, olderPreprocessing: true };
      await new SQSClient(connection.aws).send(
        new SendMessageCommand({ QueueUrl: connection.output('SweepQueueUrl'), MessageBody: JSON.stringify(message) }),
      );
      if (json) printJson({ study, plate: plate ?? null, redriven, olderPreprocessing: older, swept: true });
      else {
        if (older > 0)
          print(
            `${older} images were read by another version of preprocessing than ${PREPROCESSING_VERSION}: they are read again.`,
          );
        print(
          `${redriven} dead letters sent back; a sweep of ${plate ?? study} is on its way. Watch it with: nvir status ${study}`,
        );
      }
    });
}

/** How many images the sweep will find that this version of preprocessing did not read. */
async function readByAnother(api: Api, study: string, plates: readonly string[]): Promise<number> {
  let images = 0;
  for (const plate of plates)
    for await (const { readings } of api.pages(apiPath('studies', study, 'plates', plate, 'readings'), readingsAnswer))
      images += readings.filter(({ preprocessingVersion }) => preprocessingVersion !== PREPROCESSING_VERSION).length;
  return images;
}

async function hasObjects({ aws, output }: Connection, prefix: string): Promise<boolean> {
  const { KeyCount = 0 } = await new S3Client(aws).send(
    new ListObjectsV2Command({ Bucket: output('ExportBucketName'), Prefix: prefix, MaxKeys: 1 }),
  );
  return KeyCount > 0;
}
