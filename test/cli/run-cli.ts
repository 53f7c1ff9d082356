/** Runs a subcommand in this process and catches what it says. */
import type { Command } from 'commander';

export interface CliRun {
  stdout: string;
  exitCode: number;
}

/** @throws what the command throws, UserError for instance */
export async function runCommand(command: Command, args: readonly string[]): Promise<CliRun> {
  const write = process.stdout.write;
  const previous = process.exitCode;
  let stdout = '';
  process.exitCode = 0;
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    stdout += chunk.toString();
    return true;
  };
  try {
    await command.exitOverride().parseAsync([...args], { from: 'user' });
    return { stdout, exitCode: Number(process.exitCode ?? 0) };
  } finally {
    process.stdout.write = write;
    process.exitCode = previous;
  }
}
