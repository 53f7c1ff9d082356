import { join } from 'node:path';
import { RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type BundleNeeds, bundling, lambdaArchitecture, projectRoot } from './bundling.ts';
import { type FunctionSize, retention } from './config.ts';
import type { Options } from './options.ts';

export interface NodeFunctionProps extends BundleNeeds {
  /** Folder below `lambdas/`, whose `handler.ts` exports `handler`. */
  readonly name: string;
  readonly description: string;
  readonly size: FunctionSize;
  readonly options: Options;
  /** Variables besides those that every function has. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Keeps events that failed although Lambda tried again, when the function is invoked without waiting for its answer.
   * @default - such events are dropped
   */
  readonly deadLetters?: IQueue;
}

/** One Node function with a role and a log group of its own, so that no permission is shared and no log lives forever. */
export class NodeFunction extends Construct implements IGrantable {
  readonly function: NodejsFunction;
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: retention.logs_days satisfies RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Runs ${props.name}`,
    });
    this.grantPrincipal = this.role;
    logGroup.grantWrite(this.role);
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(projectRoot, 'lambdas', props.name, 'handler.ts'),
      handler: 'handler',
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      bundling: bundling(props.options, props),
      runtime: Runtime.NODEJS_24_X,
      architecture: lambdaArchitecture(props.options),
      description: props.description,
      memorySize: props.size.memory_MiB,
      timeout: props.size.timeout,
      role: this.role,
      logGroup,
      // A variable of SDK version 2, which nothing here uses.
      awsSdkConnectionReuse: false,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.name,
        LOG_LEVEL: props.options.logLevel,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.environment,
      },
      ...(props.deadLetters && { deadLetterQueue: props.deadLetters }),
    });
  }
}
