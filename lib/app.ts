import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { NvirStack } from './nvir-stack.ts';
import { optionsFrom } from './options.ts';

export interface AppProps {
  /**
   * Folder that the assembly is written to.
   * @default - what the CDK CLI says, else a temporary folder
   */
  readonly outdir?: string;
  /**
   * Options (see options.ts) and CDK's own switches, besides those of the command line.
   * @default none
   */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Behaviour of CDK that this template counts on, also when it is synthesised without the CDK CLI and its cdk.json. */
const featureFlags = {
  '@aws-cdk/core:target-partitions': ['aws'],
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/core:checkSecretUsage': true,
};

/** The CDK app with its one stack, checked by cdk-nag when it is synthesised. */
export function createApp(props: AppProps = {}): { app: App; stack: NvirStack } {
  const app = new App({
    ...(props.outdir !== undefined && { outdir: props.outdir }),
    context: { ...featureFlags, ...props.context },
    analyticsReporting: false,
    treeMetadata: false,
  });
  const options = optionsFrom(app.node);
  const stack = new NvirStack(app, options.stackName, {
    options,
    description: 'NViR: viability of liver spheroids from bright-field images, and what it says about liver injury',
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
