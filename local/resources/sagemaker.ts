import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { ContainerBackend } from '../sagemaker/backend.ts';
import { unpackModel } from '../sagemaker/model-archive.ts';
import { OnnxBackend } from '../sagemaker/onnx-backend.ts';
import { roleByArn } from './function.ts';
import { arnOf, nameOf, provider, withoutLocalEffect } from './provider.ts';

const containerSchema = z.strictObject({
  Image: z.string(),
  ModelDataUrl: z.string().optional(),
  ModelDataSource: z
    .strictObject({
      S3DataSource: z.strictObject({
        S3Uri: z.string(),
        S3DataType: z.enum(['S3Prefix', 'S3Object']),
        CompressionType: z.enum(['None', 'Gzip']),
      }),
    })
    .optional(),
  Environment: z.record(z.string(), z.string()).default({}),
  Mode: z.literal('SingleModel').optional(),
});

export const model = provider(
  z.strictObject({
    ModelName: z.string().optional(),
    ExecutionRoleArn: z.string(),
    PrimaryContainer: containerSchema.optional(),
    Containers: z.array(containerSchema).length(1).optional(),
    EnableNetworkIsolation: withoutLocalEffect,
    VpcConfig: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.ModelName, 63);
    const executionRole = roleByArn(account, properties.ExecutionRoleArn);
    executionRole.assertTrusts('sagemaker.amazonaws.com');
    const container = properties.PrimaryContainer ?? properties.Containers?.[0];
    const url = container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource.S3Uri;
    if (!container || !url) throw new Error('the model has no model data');
    const principal = executionRole.session('SageMaker');
    account.models.add(name, {
      directory: modelDirectory(account, url),
      // The variant for a CPU, with or without a container.
      variant: 'int8',
      assertFetchable() {
        principal.authorize({ action: 's3:GetObject', resource: url.replace(/^s3:\/\//, 'arn:aws:s3:::') });
        principal.authorize({ action: 'ecr:GetAuthorizationToken', resource: '*' });
        for (const action of ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability']) {
          principal.authorize({
            action,
            resource: arnOf(account, 'ecr', `repository/${repositoryOf(container.Image)}`),
          });
        }
      },
    });
    return { ref: arnOf(account, 'sagemaker', `model/${name}`), attributes: { ModelName: name } };
  },
);

export const endpointConfig = provider(
  z.strictObject({
    EndpointConfigName: z.string().optional(),
    ProductionVariants: z.array(z.looseObject({ ModelName: z.string() })).length(1),
    KmsKeyId: withoutLocalEffect,
    ExecutionRoleArn: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.EndpointConfigName, 63);
    account.endpointConfigs.add(name, properties.ProductionVariants[0]?.ModelName ?? '');
    return {
      ref: arnOf(account, 'sagemaker', `endpoint-config/${name}`),
      attributes: { EndpointConfigName: name },
    };
  },
);

export const endpoint = provider(
  z.strictObject({
    EndpointName: z.string().optional(),
    EndpointConfigName: z.string(),
    DeploymentConfig: withoutLocalEffect,
    RetainAllVariantProperties: withoutLocalEffect,
    RetainDeploymentConfig: withoutLocalEffect,
    ExcludeRetainedVariantProperties: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.EndpointName, 63);
    const served = account.models.get(account.endpointConfigs.get(properties.EndpointConfigName));
    const backend = account.modelEndpointUrl
      ? new ContainerBackend(account.modelEndpointUrl)
      : new OnnxBackend(served.directory, served.variant);
    account.sagemaker.addEndpoint(name, backend);
    account.activities.push({
      name: logicalId,
      start() {
        served.assertFetchable();
        return backend.start();
      },
      stop: () => {},
      idle: () => true,
    });
    return { ref: arnOf(account, 'sagemaker', `endpoint/${name}`), attributes: { EndpointName: name } };
  },
);

/** The asset behind `s3://bucket/key`: an archive as SageMaker takes it, or a folder, as CDK keeps what it uploads. */
function modelDirectory(account: Account, url: string): string {
  const key = url.replace(/\/$/, '').split('/').at(-1) ?? '';
  const path = account.assembly.assetPath(key);
  if (!path || !existsSync(path)) throw new Error(`no model files for ${url} in the assembly`);
  if (statSync(path).isDirectory()) return path;
  const directory = join(account.dataDir, 'models', key);
  mkdirSync(join(account.dataDir, 'models'), { recursive: true });
  unpackModel(path, directory);
  return directory;
}

function repositoryOf(image: string): string {
  return image.replace(/^[^/]+\//, '').replace(/[:@].*$/, '');
}
