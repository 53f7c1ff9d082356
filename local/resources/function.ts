import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { parsePolicy } from '../iam/document.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import { arnOf, nameOf, number, provider, withoutLocalEffect } from './provider.ts';

export const lambdaFunction = provider(
  z.strictObject({
    FunctionName: z.string().optional(),
    Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    Handler: z.string(),
    Runtime: z.string().regex(/^nodejs\d+\.x$/, 'the local cloud runs Node functions'),
    Role: z.string(),
    Timeout: number.default(3),
    MemorySize: number.default(128),
    Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
    ReservedConcurrentExecutions: number.optional(),
    Architectures: z.array(z.string()).default(['x86_64']),
    PackageType: z.literal('Zip').optional(),
    EphemeralStorage: withoutLocalEffect,
    LoggingConfig: z.strictObject({ LogGroup: z.string() }).optional(),
    DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
    TracingConfig: withoutLocalEffect,
    RecursiveLoop: withoutLocalEffect,
    Description: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.FunctionName, 64);
    const arn = arnOf(account, 'lambda', `function:${name}`);
    const assetDir = account.assembly.assetPath(properties.Code.S3Key);
    if (!assetDir || !existsSync(assetDir) || !statSync(assetDir).isDirectory()) {
      throw new Error(`no folder of code for asset ${properties.Code.S3Key} in the assembly`);
    }
    assertRunsHere(properties.Architectures);
    const executionRole = roleByArn(account, properties.Role);
    executionRole.assertTrusts('lambda.amazonaws.com');
    const created = account.createFunction({
      logicalId,
      name,
      arn,
      handler: properties.Handler,
      assetDir,
      environment: properties.Environment?.Variables ?? {},
      timeoutSeconds: properties.Timeout,
      memoryMiB: properties.MemorySize,
      principal: executionRole.session(name),
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    });
    const deadLetterArn = properties.DeadLetterConfig?.TargetArn;
    if (deadLetterArn) created.asynchronous.onFailure = failureQueue(account, created, deadLetterArn, (event) => event);
    return { ref: name, attributes: { Arn: arn } };
  },
);

/** How Lambda treats invocations that nobody waits for. */
export const eventInvokeConfig = provider(
  z.strictObject({
    FunctionName: z.string(),
    Qualifier: z.literal('$LATEST'),
    MaximumRetryAttempts: number.default(2),
    MaximumEventAgeInSeconds: number.default(21_600),
    DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  }),
  ({ logicalId, properties, account }) => {
    const target = functionByName(account, properties.FunctionName);
    const destination = properties.DestinationConfig?.OnFailure.Destination;
    Object.assign(target.asynchronous, {
      maximumRetryAttempts: properties.MaximumRetryAttempts,
      maximumEventAgeSeconds: properties.MaximumEventAgeInSeconds,
      ...(destination === undefined
        ? {}
        : {
            onFailure: failureQueue(account, target, destination, (event, why) => ({
              version: '1.0',
              requestContext: { functionArn: target.definition.arn, condition: 'RetriesExhausted' },
              requestPayload: event,
              responsePayload: { errorMessage: why },
            })),
          }),
    });
    return { ref: logicalId, attributes: {} };
  },
);

export const permission = provider(
  z.strictObject({
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
  }),
  ({ logicalId, properties, account }) => {
    const { FunctionName, Action, Principal, SourceArn, SourceAccount } = properties;
    const target = functionByName(account, FunctionName);
    const statement = {
      Sid: logicalId,
      Effect: 'Allow',
      Action,
      Principal: { Service: Principal },
      Resource: target.definition.arn,
      Condition: {
        ...(SourceArn ? { ArnLike: { 'aws:SourceArn': SourceArn } } : {}),
        ...(SourceAccount ? { StringEquals: { 'aws:SourceAccount': SourceAccount } } : {}),
      },
    };
    target.policy.push(...parsePolicy({ Statement: [statement] }, logicalId));
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
);

export function functionByName(account: Account, name: string): LambdaFunction {
  const found = account.functions.values().find(({ definition }) => [definition.arn, definition.name].includes(name));
  if (!found) throw new Error(`function ${name} does not exist`);
  return found;
}

/** Keeps an event that a function failed on, with the function's own role. */
function failureQueue(
  account: Account,
  target: LambdaFunction,
  queueArn: string,
  message: (event: unknown, why: string) => unknown,
): (event: unknown, why: string) => Promise<void> {
  const queue = account.queues.get(queueArn);
  return async (event, why) => {
    target.definition.principal.authorize({ action: 'sqs:SendMessage', resource: queueArn });
    await account.sqs.send(queue.name, JSON.stringify(message(event, why)));
  };
}

export function roleByArn(account: Account, arn: string) {
  return account.roles.get(arn.split('/').at(-1) ?? '');
}

/** Native modules in the bundle are of one architecture: the template must have been synthesised for this machine. */
function assertRunsHere(architectures: readonly string[]): void {
  const here = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  if (!architectures.includes(here)) {
    throw new Error(
      `bundled for ${architectures.join(', ')}; synthesise with -c architecture=${here} for this machine`,
    );
  }
}
