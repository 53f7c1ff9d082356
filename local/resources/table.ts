import { z } from 'zod';
import { nameOf, number, provider, withoutLocalEffect } from './provider.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const projectionSchema = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const throughputSchema = z.strictObject({ ReadCapacityUnits: number, WriteCapacityUnits: number });

export const table = provider(
  z.strictObject({
    TableName: z.string().optional(),
    AttributeDefinitions: z.array(
      z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
    ),
    KeySchema: keySchema,
    BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
    ProvisionedThroughput: throughputSchema.optional(),
    GlobalSecondaryIndexes: z
      .array(
        z.strictObject({
          IndexName: z.string(),
          KeySchema: keySchema,
          Projection: projectionSchema,
          ProvisionedThroughput: throughputSchema.optional(),
        }),
      )
      .optional(),
    StreamSpecification: z
      .strictObject({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
      .optional(),
    PointInTimeRecoverySpecification: withoutLocalEffect,
    SSESpecification: withoutLocalEffect,
    DeletionProtectionEnabled: withoutLocalEffect,
    ContributorInsightsSpecification: withoutLocalEffect,
    TableClass: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  async ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.TableName, 128);
    const { arn, streamArn } = await account.dynamo.ensureTable(name, properties);
    if (streamArn) account.streams.add(streamArn, { name, arn, streamArn });
    return { ref: name, attributes: { Arn: arn, ...(streamArn ? { StreamArn: streamArn } : {}) } };
  },
);
