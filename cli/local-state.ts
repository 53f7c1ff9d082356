/** Where the cloud of `nvir local` is, told to the other commands by a file. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';

const STATE_FILE = '.nvir/local.json';

const localState = z.object({
  awsUrl: z.url(),
  apiUrl: z.url(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  outputs: z.record(z.string(), z.string()),
  pid: z.number(),
});
export type LocalState = z.infer<typeof localState>;

/** Tells other commands where this process's cloud is. Answers how to take that back. */
export function writeLocalState(state: Omit<LocalState, 'pid'>, file = resolve(STATE_FILE)): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const { awsUrl, apiUrl, region, credentials, outputs } = state;
  const kept: LocalState = { awsUrl, apiUrl, region, credentials, outputs, pid: process.pid };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  return () => {
    // Another cloud may have told of itself since.
    if (parseState(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

/** The running local cloud, or undefined when there is none (or its process has ended). */
export function readLocalState(file = resolve(STATE_FILE)): LocalState | undefined {
  const state = parseState(file);
  if (!state) return undefined;
  try {
    process.kill(state.pid, 0);
    return state;
  } catch {
    return undefined;
  }
}

function parseState(file: string): LocalState | undefined {
  try {
    return localState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
