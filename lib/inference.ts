import { join } from 'node:path';
import { ArnFormat, AssetHashType, Stack } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Grant, type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { projectRoot } from './bundling.ts';
import { endpoint } from './config.ts';
import { archiveModel } from './model-archive.ts';
import type { Options } from './options.ts';

export interface InferenceProps {
  readonly options: Options;
  /**
   * Folder with Dockerfile and serving code.
   * @default model-container
   */
  readonly container?: string;
}

/** NViR on a GPU: container, weights, and the endpoint that answers batches of 256 × 256 pixels. */
export class Inference extends Construct {
  readonly endpoint: CfnEndpoint;

  constructor(scope: Construct, id: string, props: InferenceProps) {
    super(scope, id);
    const container = props.container ?? join(projectRoot, 'model-container');
    const image = new DockerImageAsset(this, 'Image', {
      directory: container,
      platform: Platform.LINUX_AMD64,
      // The weights travel by themselves; the rest is for training. A changed README must not replace the endpoint.
      exclude: [
        'model',
        'contract',
        'data',
        'runs',
        'tests',
        '.venv',
        'requirements-ci.*',
        '**/__pycache__',
        '**/*.md',
        '.*',
      ],
    });
    // The key in the bucket ends with .gz, as with CDK's own SageMaker constructs, which SageMaker takes.
    const archive = archiveModel(props.options.modelFolder ?? join(container, 'model'));
    const weights = new Asset(this, 'Weights', {
      path: archive.file,
      assetHashType: AssetHashType.CUSTOM,
      assetHash: archive.sha256,
    });
    archive.remove();

    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
      description: "Runs NViR's container: its image, its weights, its logs",
    });
    image.repository.grantPull(role);
    acknowledge(role, 'IAM5[Resource::*]', 'ecr:GetAuthorizationToken and cloudwatch:PutMetricData know no resource.');
    this.grantWeights(role, weights);
    this.grantLogs(role);

    const model = new CfnModel(this, 'Model', {
      executionRoleArn: role.roleArn,
      // SageMaker fetches image and weights; the container itself needs no network.
      enableNetworkIsolation: true,
      primaryContainer: { image: image.imageUri, modelDataUrl: weights.s3ObjectUrl },
    });
    // SageMaker reads image and weights with the role's permissions while it creates the model.
    model.node.addDependency(role);
    // Names are CloudFormation's, so a changed model makes a new configuration and the endpoint moves without a gap.
    const configuration = new CfnEndpointConfig(this, 'Configuration', {
      productionVariants: [
        {
          variantName: endpoint.variantName,
          modelName: model.attrModelName,
          instanceType: props.options.endpointInstanceType ?? endpoint.instanceType,
          initialInstanceCount: props.options.endpointInstanceCount ?? endpoint.instanceCount,
          initialVariantWeight: 1,
          inferenceAmiVersion: endpoint.hostImage,
          containerStartupHealthCheckTimeoutInSeconds: endpoint.startupTimeout.toSeconds(),
        },
      ],
    });
    this.endpoint = new CfnEndpoint(this, 'Endpoint', { endpointConfigName: configuration.attrEndpointConfigName });
  }

  /** Lets it ask for viabilities. */
  grantInvoke(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['sagemaker:InvokeEndpoint'],
      // Ref is the endpoint's ARN.
      resourceArns: [this.endpoint.ref],
    });
  }

  private grantWeights(role: Role, weights: Asset): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [weights.bucket.arnForObjects(weights.s3ObjectKey)],
      }),
    );
  }

  private grantLogs(role: Role): void {
    const logs = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '/aws/sagemaker/Endpoints/*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    acknowledge(
      role,
      'IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/sagemaker/Endpoints/*]',
      "SageMaker names the log group after the endpoint, whose name is CloudFormation's and known only once it exists.",
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [logs],
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringLike: { 'cloudwatch:namespace': ['/aws/sagemaker/*', 'AWS/SageMaker'] } },
      }),
    );
  }
}
