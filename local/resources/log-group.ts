import { z } from 'zod';
import { arnOf, nameOf, provider, withoutLocalEffect } from './provider.ts';

/** Its name and ARN stand in policies and function settings; the logs themselves are files in the data folder. */
export const logGroup = provider(
  z.strictObject({
    LogGroupName: z.string().optional(),
    RetentionInDays: withoutLocalEffect,
    KmsKeyId: withoutLocalEffect,
    LogGroupClass: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.LogGroupName, 512);
    return { ref: name, attributes: { Arn: arnOf(account, 'logs', `log-group:${name}:*`) } };
  },
);
