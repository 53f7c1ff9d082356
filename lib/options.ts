import type { Node } from 'constructs';
import { z } from 'zod';

/** CDK hands context from the command line over as text. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const optionsSchema = z
  .object({
    stackName: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
      .default('Nvir'),
    architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
    bundleFor: z.enum(['lambda', 'host']).default('lambda'),
    retainData: flag.default(true),
    jwtIssuer: z.url().optional(),
    jwtAudience: z.string().min(1).optional(),
    endpointInstanceType: z.string().startsWith('ml.').optional(),
    endpointInstanceCount: z.coerce.number().int().positive().optional(),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
    modelFolder: z.string().min(1).optional(),
    runbook: z.string().min(1).default('docs/runbook.md'),
  })
  .refine((options) => (options.jwtIssuer === undefined) === (options.jwtAudience === undefined), {
    message: 'jwtIssuer and jwtAudience belong together: give both, or neither for IAM authorisation',
  });

/** What a deployment may choose, by `-c name=value`. */
export interface Options {
  /** @default Nvir */
  readonly stackName: string;
  /**
   * Processor of the functions.
   * @default arm64, a fifth cheaper; the local synth says its own machine's
   */
  readonly architecture: 'arm64' | 'x86_64';
  /**
   * Operating system that native modules are bundled for.
   * @default lambda: Linux with glibc; `host` for the embedded cloud on this machine
   */
  readonly bundleFor: 'lambda' | 'host';
  /**
   * Whether bucket and tables outlive the stack.
   * @default true
   */
  readonly retainData: boolean;
  /**
   * OpenID Connect issuer whose tokens the API accepts.
   * @default - callers sign with AWS credentials (IAM)
   */
  readonly jwt: { readonly issuer: string; readonly audience: string } | undefined;
  /** @default - the size in config.ts */
  readonly endpointInstanceType: string | undefined;
  /** @default - the count in config.ts */
  readonly endpointInstanceCount: number | undefined;
  /**
   * Folder of model.json and the weights that it names.
   * @default - the shipped model
   */
  readonly modelFolder: string | undefined;
  /** @default INFO */
  readonly logLevel: string;
  /**
   * Address of the runbook that alarms link to.
   * @default docs/runbook.md in this repository
   */
  readonly runbook: string;
}

/** @throws when a context value is not one that the stack understands, naming it. */
export function optionsFrom(node: Node): Options {
  const given = Object.fromEntries(
    Object.keys(optionsSchema.shape).map((name) => [name, node.tryGetContext(name) as unknown]),
  );
  const parsed = optionsSchema.safeParse(given);
  if (!parsed.success) throw new Error(`context: ${z.prettifyError(parsed.error)}`);
  const { jwtIssuer, jwtAudience, endpointInstanceType, endpointInstanceCount, modelFolder, ...options } = parsed.data;
  return {
    ...options,
    endpointInstanceType,
    endpointInstanceCount,
    modelFolder,
    jwt: jwtIssuer && jwtAudience ? { issuer: jwtIssuer, audience: jwtAudience } : undefined,
  };
}
