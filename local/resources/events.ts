import { z } from 'zod';
import type { Account } from '../account.ts';
import type { BusEvent, RuleTarget } from '../events/buses.ts';
import { compilePattern } from '../events/pattern.ts';
import { assertServiceAllowed } from '../iam/principals.ts';
import { invokeAsync } from '../lambda/async-invoke.ts';
import { arnOf, nameOf, provider, serviceOf, withoutLocalEffect } from './provider.ts';

export const eventBus = provider(
  z.strictObject({ Name: z.string(), Description: withoutLocalEffect, Tags: withoutLocalEffect }),
  ({ properties, account }) => {
    account.buses.create(properties.Name);
    return { ref: properties.Name, attributes: { Arn: account.buses.arn(properties.Name), Name: properties.Name } };
  },
);

const targetSchema = z.strictObject({
  Arn: z.string(),
  Id: z.string(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  RetryPolicy: withoutLocalEffect,
});

export const rule = provider(
  z.strictObject({
    Name: z.string().optional(),
    EventBusName: z.string().default('default'),
    EventPattern: z.record(z.string(), z.unknown()),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Targets: z.array(targetSchema).default([]),
    Description: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.Name, 64);
    const bus = properties.EventBusName.split('/').at(-1) ?? '';
    const arn = arnOf(account, 'events', bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`);
    const matches = compilePattern(properties.EventPattern);
    const targets = properties.Targets.map((target) => ruleTarget(account, arn, target));
    if (properties.State === 'ENABLED') account.buses.addRule(bus, { name, arn, matches, targets });
    return { ref: name, attributes: { Arn: arn } };
  },
);

/** A rule has no role for these targets: the target's own resource policy must let EventBridge in. */
function ruleTarget(account: Account, ruleArn: string, target: z.infer<typeof targetSchema>): RuleTarget {
  const context = { 'aws:SourceArn': ruleArn, 'aws:SourceAccount': account.accountId };
  const service = 'events.amazonaws.com';
  const toQueue = async (arn: string, body: string) => {
    const queue = account.queues.get(arn);
    assertServiceAllowed(queue.policy, service, { action: 'sqs:SendMessage', resource: arn, context });
    await account.sqs.send(queue.name, body);
  };
  const deliveries: Record<string, (event: BusEvent) => Promise<void>> = {
    sns: async (event) => account.topics.publishAs(service, target.Arn, JSON.stringify(event), context),
    sqs: (event) => toQueue(target.Arn, JSON.stringify(event)),
    lambda: async (event) => {
      const invoked = account.functions.get(target.Arn);
      invoked.assertInvocableBy(service, context);
      await invokeAsync(invoked, event, account.clock, () => false);
    },
  };
  const deliver = deliveries[serviceOf(target.Arn)];
  if (!deliver) throw new Error(`rule target ${target.Arn} is not known to the local cloud`);
  const deadLetterArn = target.DeadLetterConfig?.Arn;
  return {
    id: target.Id,
    deliver,
    deadLetter: deadLetterArn === undefined ? undefined : (event) => toQueue(deadLetterArn, JSON.stringify(event)),
  };
}
