/** The drug reference, which the template lays beside a function's code. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { required } from './environment.ts';
import { sha256 } from './stable-json.ts';

/** @throws at start, when the variable or the file is missing. */
export function referenceFileFromEnv(): { text: string; sha256: string } {
  // Lambda says where the function's code lies.
  const text = readFileSync(resolve(process.env['LAMBDA_TASK_ROOT'] ?? '.', required('COMPOUNDS_FILE')), 'utf8');
  return { text, sha256: sha256(text) };
}
