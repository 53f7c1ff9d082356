/** `nvir failures STUDY`: what was rejected and what failed for good, each with what to do. */
import { Command } from 'commander';
import { plateAnswer, readingsAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type Api, apiPath, createApi } from '../api.ts';
import { connect } from '../connection.ts';
import { print, printJson } from '../console.ts';
import { listDeadLetters } from '../dead-letters.ts';

interface RejectedFile {
  plate: string;
  path: string;
  reason: string;
  remedy: string;
}

export function failuresCommand(): Command {
  return new Command('failures')
    .description('rejected files, unplaced images and dead letters of a study, each with reason and remedy')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--json', 'print problems, rejected, unplaced and deadLetters as JSON')
    .addHelpText('after', '\nExit code 1 when there are dead letters: work that the system could not do.')
    .action(async (study: string, options: { json?: true }) => {
      const connection = await connect();
      const api = createApi(connection);
      const { plates, problems } = await api.get(apiPath('studies', study), studyAnswer);
      const rejected: RejectedFile[] = [];
      const unplaced: { key: string; reason: string }[] = [];
      for (const { plate } of plates) {
        rejected.push(...(await rejectedOf(api, study, plate)));
        unplaced.push(...(await api.get(apiPath('studies', study, 'plates', plate), plateAnswer)).unplaced);
      }
      const deadLetters = await listDeadLetters(connection, { study });
      if (options.json) printJson({ study, problems, rejected, unplaced, deadLetters });
      else {
        for (const problem of problems) print(`note to mend: ${problem}`);
        for (const { plate, path, reason, remedy } of rejected)
          print(`rejected: ${plate}/${path}: ${reason}. ${remedy}`);
        for (const { key, reason } of unplaced) print(`unplaced: ${key}: ${reason}`);
        for (const { stage, body } of deadLetters) print(`given up in ${stage}: ${body.slice(0, 300)}`);
        print(`${rejected.length} rejected, ${unplaced.length} unplaced, ${deadLetters.length} dead letters.`);
        if (deadLetters.length > 0)
          print(`See the function's log for the cause (docs/runbook.md), then: nvir retry ${study}`);
      }
      if (deadLetters.length > 0) process.exitCode = 1;
    });
}

async function rejectedOf(api: Api, study: string, plate: string): Promise<RejectedFile[]> {
  const files: RejectedFile[] = [];
  for await (const { readings } of api.pages(apiPath('studies', study, 'plates', plate, 'readings'), readingsAnswer)) {
    for (const { status, path, rejection } of readings) {
      if (status === 'rejected')
        files.push({ plate, path, reason: rejection?.reason ?? 'rejected', remedy: rejection?.remedy ?? '' });
    }
  }
  return files;
}
