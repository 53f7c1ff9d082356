/** `nvir lock` and `nvir unlock`: keep a study's scores as they stand, whatever is read or noted later. */
import { Command } from 'commander';
import { lockKey } from '../../lambdas/domain/keys.ts';
import type { Lock } from '../../lambdas/domain/notes/lock.ts';
import { studyAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { connect } from '../connection.ts';
import { print, printJson, UserError } from '../console.ts';
import { changeNote } from '../notes-file.ts';

interface Options {
  name: string;
  reason: string;
  json?: true;
}

export const lockCommand = (): Command =>
  command('lock', true, 'keep the scores of a study as they stand; readings that come later do not change them');
export const unlockCommand = (): Command =>
  command('unlock', false, 'let a study be scored again from what then stands');

function command(verb: string, locked: boolean, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<study>', 'its name, as `nvir status` lists it')
    .requiredOption('--name <who>', 'who decides')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print as JSON what was written')
    .addHelpText(
      'after',
      '\nWrites exports/STUDY/lock.json. Images that come meanwhile are read, and count once it is unlocked.',
    )
    .action(async (study: string, { name, reason, json }: Options) => {
      const connection = await connect();
      const { scoredAt } = await createApi(connection).get(apiPath('studies', study), studyAnswer);
      if (locked && scoredAt === null)
        throw new UserError(`${study} has no scores yet`, 'There is nothing to lock; wait until it was scored.');
      if (name.trim() === '' || reason.trim() === '')
        throw new UserError('--name or --reason is empty', 'Say who decides and why.');
      const lock: Lock = { locked, name: name.trim(), reason: reason.trim(), at: new Date().toISOString() };
      await changeNote(connection, lockKey(study), 'application/json', () => JSON.stringify(lock, null, 2));
      if (json) return printJson({ study, ...lock });
      print(locked ? `${study} is locked: scored ${scoredAt}.` : `${study} is unlocked and scored again.`);
    });
}
