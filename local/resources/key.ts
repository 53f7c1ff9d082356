import { z } from 'zod';
import { physicalName } from '../cloudformation/names.ts';
import { parsePolicy } from '../iam/document.ts';
import { arnOf, provider, withoutLocalEffect } from './provider.ts';

/** Nothing is encrypted here, but who may use the key decides whether a message reaches an encrypted topic. */
export const key = provider(
  z.strictObject({
    KeyPolicy: z.unknown(),
    Description: withoutLocalEffect,
    EnableKeyRotation: withoutLocalEffect,
    RotationPeriodInDays: withoutLocalEffect,
    PendingWindowInDays: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const id = physicalName(account.stackName, logicalId);
    const arn = arnOf(account, 'kms', `key/${id}`);
    account.keys.add(arn, parsePolicy(properties.KeyPolicy, logicalId));
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  },
);
