/** `nvir retry STUDY`: sends dead letters back, and has the sweep close every gap of the study or one plate. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { platePrefix } from '../../lambdas/domain/keys.ts';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import { plateAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { type Connection, connect } from '../connection.ts';
import { print, printJson } from '../console.ts';
import { redriveDeadLetters } from '../dead-letters.ts';

export function retryCommand(): Command {
  return new Command('retry')
    .description('redrive the dead letters of a study, and look again for images without a reading')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--plate <name>', 'only this plate')
    .option('--json', 'print as JSON what was sent')
    .action(async (study: string, { plate, json }: { plate?: string; json?: true }) => {
      const connection = await connect();
      const api = createApi(connection);
      // A name that nothing is known of is a slip: nothing would ever come of its sweep.
      await api.get(apiPath('studies', study), studyAnswer);
      // The API knows no plate of which nothing was read yet, and that is the one to retry.
      if (plate !== undefined && !(await hasObjects(connection, platePrefix(study, plate))))
        await api.get(apiPath('studies', study, 'plates', plate), plateAnswer);
      const redriven = await redriveDeadLetters(connection, { study, plate });
      const message: SweepMessage =
        plate === undefined ? { kind: 'sweep-study', study } : { kind: 'sweep-plate', study, plate };
      await new SQSClient(connection.aws).send(
        new SendMessageCommand({ QueueUrl: connection.output('SweepQueueUrl'), MessageBody: JSON.stringify(message) }),
      );
      if (json) printJson({ study, plate: plate ?? null, redriven, swept: true });
      else
        print(
          `${redriven} dead letters sent back; a sweep of ${plate ?? study} is on its way. Watch it with: nvir status ${study}`,
        );
    });
}

async function hasObjects({ aws, output }: Connection, prefix: string): Promise<boolean> {
  const { KeyCount = 0 } = await new S3Client(aws).send(
    new ListObjectsV2Command({ Bucket: output('ExportBucketName'), Prefix: prefix, MaxKeys: 1 }),
  );
  return KeyCount > 0;
}
