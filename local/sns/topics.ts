import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Statement } from '../iam/document.ts';
import { assertServiceAllowed } from '../iam/principals.ts';

const notificationSchema = z.object({
  messageId: z.string(),
  topicArn: z.string(),
  subject: z.string().optional(),
  message: z.string(),
  time: z.string(),
});

/** A message that a topic took. Nobody is mailed: it is kept for whoever looks. */
export type Notification = z.infer<typeof notificationSchema>;

export interface Topic {
  arn: string;
  /** Statements of its AWS::SNS::TopicPolicy resources. */
  policy: Statement[];
  /** Policy of the KMS key that encrypts it. */
  keyPolicy: readonly Statement[] | undefined;
}

/** The account's SNS topics; what they were sent is appended to one file. */
export class Topics {
  private readonly topics = new Map<string, Topic>();
  private readonly kept: Notification[];
  private readonly file: string;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.file = join(dataDir, 'notifications.jsonl');
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    this.kept = lines.flatMap((line) => {
      const parsed = notificationSchema.safeParse(parsedOrUndefined(line));
      // The last line may be half written by a killed process; its sender was never told that it arrived.
      return parsed.success ? [parsed.data] : [];
    });
  }

  create(arn: string, keyPolicy: readonly Statement[] | undefined): Topic {
    const topic: Topic = { arn, policy: [], keyPolicy };
    this.topics.set(arn, topic);
    return topic;
  }

  get(arn: string): Topic {
    const topic = this.topics.get(arn);
    if (!topic) throw new Error(`topic ${arn} does not exist`);
    return topic;
  }

  /** Publishes for an AWS service. @throws {AccessDenied} unless the policies of the topic and of its key let it. */
  publishAs(service: string, arn: string, message: string, context: Record<string, string>): void {
    const topic = this.get(arn);
    assertServiceAllowed(topic.policy, service, { action: 'sns:Publish', resource: arn, context });
    for (const action of topic.keyPolicy ? ['kms:GenerateDataKey', 'kms:Decrypt'] : []) {
      assertServiceAllowed(topic.keyPolicy ?? [], service, { action, resource: 'key of the topic', context });
    }
    this.publish(arn, message);
  }

  publish(arn: string, message: string): string {
    const notification = { messageId: randomUUID(), topicArn: arn, message, time: new Date().toISOString() };
    appendFileSync(this.file, `${JSON.stringify(notification)}\n`);
    this.kept.push(notification);
    return notification.messageId;
  }

  sent(): readonly Notification[] {
    return this.kept;
  }
}

function parsedOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
