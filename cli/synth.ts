/** The stack, synthesised for this machine: once for each state of its sources. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { UserError } from './console.ts';

const PROJECT = resolve(import.meta.dirname, '..');
/** One folder for each state of the sources, so that a new synth never changes files under a running cloud. */
const ASSEMBLIES = join(PROJECT, '.nvir', 'cdk.out');
/** What the template and its bundles are made of. */
const SOURCES = ['bin', 'lib', 'lambdas', 'reference', 'model-container/model', 'package-lock.json', 'cdk.json'];
const KEPT_FOR_MS = 24 * 3_600_000;

/** The processor of this machine by Lambda's name: native modules in the bundles are of one architecture. */
export const localArchitecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/**
 * Answers the folder of the cloud assembly for this machine; synthesises it first unless it is there already.
 *
 * @param onStart told only when a synth is needed, which takes about ten seconds.
 */
export async function synthesise(onStart: (message: string) => void = () => {}): Promise<string> {
  const state = sourcesDigest();
  const assembly = join(ASSEMBLIES, state);
  if (existsSync(join(assembly, 'manifest.json'))) return assembly;
  onStart('Synthesising the stack for this machine and bundling its functions (only after a change)…');
  mkdirSync(ASSEMBLIES, { recursive: true });
  const unfinished = `${assembly}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  await runCdkApp(unfinished);
  if (!existsSync(assembly)) renameSync(unfinished, assembly);
  rmSync(unfinished, { recursive: true, force: true });
  removeOld(state);
  return assembly;
}

/** Runs the CDK app itself, without the CDK CLI, in a process of its own: it is synchronous and large. */
async function runCdkApp(outdir: string): Promise<void> {
  const context = { architecture: localArchitecture, bundleFor: 'host' };
  const child = spawn(process.execPath, ['--import', 'tsx', join('bin', 'nvir.ts')], {
    cwd: PROJECT,
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('exit', done);
  });
  if (code !== 0 || !existsSync(join(outdir, 'manifest.json'))) {
    rmSync(outdir, { recursive: true, force: true });
    throw new UserError(
      `the stack cannot be synthesised:\n${said.trim()}`,
      'Run `npm ci`, and see whether `npm run synth` says more. The first synth needs the npm registry.',
    );
  }
}

function sourcesDigest(): string {
  const digest = createHash('sha256').update(`${localArchitecture} ${process.platform}`);
  for (const source of SOURCES) {
    for (const file of filesBelow(join(PROJECT, source))) {
      digest.update(`${relative(PROJECT, file)}\0`).update(createHash('sha256').update(readFileSync(file)).digest());
    }
  }
  return digest.digest('hex').slice(0, 16);
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Assemblies of earlier states; a young one may still be in use by a running cloud. */
function removeOld(current: string): void {
  for (const name of readdirSync(ASSEMBLIES)) {
    const path = join(ASSEMBLIES, name);
    if (name !== current && Date.now() - statSync(path).mtimeMs > KEPT_FOR_MS) rmSync(path, { recursive: true });
  }
}
