import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { KeptText } from '../kept-text.ts';
import { invokeAsync } from '../lambda/async-invoke.ts';
import { scheduleIntervalMs } from '../scheduler/expression.ts';
import { Schedule } from '../scheduler/schedule.ts';
import { roleByArn } from './function.ts';
import { arnOf, nameOf, number, provider, serviceOf, withoutLocalEffect } from './provider.ts';

export const schedule = provider(
  z.strictObject({
    Name: z.string().optional(),
    GroupName: z.literal('default').optional(),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: withoutLocalEffect,
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    FlexibleTimeWindow: z.strictObject({
      Mode: z.enum(['OFF', 'FLEXIBLE']),
      MaximumWindowInMinutes: number.optional(),
    }),
    Target: z.strictObject({
      Arn: z.string(),
      RoleArn: z.string(),
      Input: z.string().optional(),
      RetryPolicy: withoutLocalEffect,
      DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    }),
    Description: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.Name, 64);
    const deliver = delivery(account, name, properties.Target);
    let stopped = false;
    const running = new Schedule(
      name,
      scheduleIntervalMs(properties.ScheduleExpression),
      () => deliver(() => stopped),
      new KeptText(join(account.dataDir, 'schedules', logicalId)),
      account.clock,
      account.log,
    );
    if (properties.State === 'ENABLED') {
      account.activities.push({
        name: logicalId,
        start: () => running.start(),
        stop() {
          stopped = true;
          running.stop();
        },
        idle: () => running.idle(),
      });
    }
    return { ref: name, attributes: { Arn: arnOf(account, 'scheduler', `schedule/default/${name}`) } };
  },
);

type Target = {
  Arn: string;
  RoleArn: string;
  Input?: string | undefined;
  DeadLetterConfig?: { Arn: string } | undefined;
};

/** How a run reaches its target: with the schedule's role, so both the role's trust and its grants are judged. */
function delivery(account: Account, name: string, target: Target): (stopped: () => boolean) => Promise<void> {
  const executionRole = roleByArn(account, target.RoleArn);
  executionRole.assertTrusts('scheduler.amazonaws.com');
  const principal = executionRole.session(name);
  const input: unknown = target.Input === undefined ? {} : JSON.parse(target.Input);
  const send = sender(account, target.Arn, input);
  const deadLetter = target.DeadLetterConfig && account.queues.get(target.DeadLetterConfig.Arn);
  return async (stopped) => {
    try {
      principal.authorize({ action: send.action, resource: target.Arn });
      await send.run(stopped);
    } catch (error) {
      if (!deadLetter || stopped()) throw error;
      principal.authorize({ action: 'sqs:SendMessage', resource: deadLetter.arn });
      await account.sqs.send(deadLetter.name, JSON.stringify(input));
    }
  };
}

function sender(account: Account, arn: string, input: unknown) {
  if (serviceOf(arn) === 'lambda') {
    const target = account.functions.get(arn);
    return {
      action: 'lambda:InvokeFunction',
      run: (stopped: () => boolean) => invokeAsync(target, input, account.clock, stopped),
    };
  }
  if (serviceOf(arn) === 'sqs') {
    const queue = account.queues.get(arn);
    return {
      action: 'sqs:SendMessage',
      run: async () => {
        await account.sqs.send(queue.name, JSON.stringify(input));
      },
    };
  }
  throw new Error(`schedule target ${arn} is not known to the local cloud`);
}
