import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { ContainerBackend } from '../sagemaker/backend.ts';
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
    roleByArn(account, properties.ExecutionRoleArn).assertTrusts('sagemaker.amazonaws.com');
    const container = properties.PrimaryContainer ?? properties.Containers?.[0];
    const url = container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource.S3Uri;
    if (!url) throw new Error('the model has no model data');
    // The container serves fp16 or fp32 on its GPU; this machine runs the int8 variant of the same model.
    account.models.add(name, { directory: modelDirectory(account, url), variant: 'int8' });
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
    const { directory, variant } = account.models.get(account.endpointConfigs.get(properties.EndpointConfigName));
    const backend = account.modelEndpointUrl
      ? new ContainerBackend(account.modelEndpointUrl)
      : new OnnxBackend(directory, variant);
    account.sagemaker.addEndpoint(name, backend);
    account.activities.push({ name: logicalId, start: () => backend.start(), stop: () => {}, idle: () => true });
    return { ref: arnOf(account, 'sagemaker', `endpoint/${name}`), attributes: { EndpointName: name } };
  },
);

/** The asset behind `s3://bucket/key`: a folder in the assembly, as CDK keeps what it would upload. */
function modelDirectory(account: Account, url: string): string {
  const key = url.replace(/\/$/, '').split('/').at(-1) ?? '';
  const path = account.assembly.assetPath(key) ?? account.assembly.assetPath(`${key}.zip`);
  if (!path || !existsSync(path) || !statSync(path).isDirectory()) {
    throw new Error(`no folder of model files for ${url} in the assembly`);
  }
  return path;
}
