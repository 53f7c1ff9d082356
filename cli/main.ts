/** The `nvir` command: one file a subcommand, wired here. */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { analyseCommand } from './commands/analyse.ts';
import { bridgeCommand } from './commands/bridge.ts';
import { datasetCommand } from './commands/dataset.ts';
import { demoCommand } from './commands/demo.ts';
import { diliCommand } from './commands/dili.ts';
import { excludeCommand, includeCommand } from './commands/exclude.ts';
import { explainCommand } from './commands/explain.ts';
import { failuresCommand } from './commands/failures.ts';
import { inspectCommand } from './commands/inspect.ts';
import { localCommand } from './commands/local.ts';
import { lockCommand, unlockCommand } from './commands/lock.ts';
import { panelCommand } from './commands/panel.ts';
import { planCommand } from './commands/plan.ts';
import { qualityCommand } from './commands/quality.ts';
import { retryCommand } from './commands/retry.ts';
import { simulateCommand } from './commands/simulate.ts';
import { smokeCommand } from './commands/smoke.ts';
import { statusCommand } from './commands/status.ts';
import { note } from './console.ts';
import { userErrorOf } from './user-error-of.ts';

const require = createRequire(import.meta.url);
const packageSchema = z.object({ version: z.string() });

const EXIT_CODES = `
Exit codes: 0 done, 1 the work met failures (they are listed), 2 bad usage or input, or a cloud that cannot be reached.`;

export function program(): Command {
  return new Command('nvir')
    .description(
      'Viability of liver spheroids from bright-field images, and what it says about drug-induced liver injury.',
    )
    .version(packageSchema.parse(require('../package.json')).version)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(nvir --help lists the commands)')
    .addCommand(demoCommand())
    .addCommand(localCommand())
    .addCommand(planCommand())
    .addCommand(simulateCommand())
    .addCommand(inspectCommand())
    .addCommand(analyseCommand())
    .addCommand(datasetCommand())
    .addCommand(bridgeCommand())
    .addCommand(statusCommand())
    .addCommand(qualityCommand())
    .addCommand(excludeCommand())
    .addCommand(includeCommand())
    .addCommand(lockCommand())
    .addCommand(unlockCommand())
    .addCommand(failuresCommand())
    .addCommand(retryCommand())
    .addCommand(diliCommand())
    .addCommand(explainCommand())
    .addCommand(panelCommand())
    .addCommand(smokeCommand());
}

/** Runs a command line and resolves with the exit code; prints every error as what happened and what to do. */
export async function main(argv: readonly string[]): Promise<number> {
  const nvir = program();
  const commands = [nvir, ...nvir.commands];
  for (const command of commands) command.exitOverride();
  try {
    await nvir.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const mendable = userErrorOf(error);
    if (mendable) {
      note(`nvir: ${mendable.message}\n      ${mendable.remedy}`);
      return 2;
    }
    note(`nvir: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
}
