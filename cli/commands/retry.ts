/** `nvir retry STUDY`: sends dead letters back, and has the sweep close every gap of the study or one plate. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import { connect } from '../connection.ts';
import { print, printJson } from '../console.ts';
import { deadLettersOf } from '../dead-letters.ts';

export function retryCommand(): Command {
  return new Command('retry')
    .description('redrive the dead letters of a study, and look again for images without a reading')
    .argument('<study>')
    .option('--plate <name>', 'only this plate')
    .option('--json')
    .action(async (study: string, { plate, json }: { plate?: string; json?: true }) => {
      const connection = await connect();
      const letters = await deadLettersOf(connection, study, plate);
      for (const letter of letters) await letter.redrive();
      const message: SweepMessage =
        plate === undefined ? { kind: 'sweep-study', study } : { kind: 'sweep-plate', study, plate };
      await new SQSClient({}).send(
        new SendMessageCommand({ QueueUrl: connection.output('SweepQueueUrl'), MessageBody: JSON.stringify(message) }),
      );
      if (json) printJson({ study, plate: plate ?? null, redriven: letters.length, swept: true });
      else
        print(
          `${letters.length} dead letters sent back; a sweep of ${plate ?? study} is on its way. Watch it with: nvir status ${study}`,
        );
    });
}
