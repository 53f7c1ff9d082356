import type { KnownPrincipal } from '../iam/principals.ts';

/** A function as the template declares it. */
export interface FunctionDefinition {
  logicalId: string;
  name: string;
  arn: string;
  /** `file.export`. */
  handler: string;
  /** Folder of the bundled asset. */
  assetDir: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMiB: number;
  principal: KnownPrincipal;
  /** Where its logs would go; the role must be allowed to write there. */
  logGroup: string;
  /** ReservedConcurrentExecutions. */
  reservedConcurrency: number | undefined;
}

export type FunctionFailureKind =
  | 'start'
  | 'handler'
  | 'timeout'
  | 'memory'
  | 'exit'
  | 'payload'
  | 'stopped'
  | 'throttled';

export type InvocationResult =
  | { ok: true; requestId: string; payload: string }
  | { ok: false; requestId: string; kind: FunctionFailureKind; errorType: string; message: string };
