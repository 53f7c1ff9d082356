import { RemovalPolicy } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { keptQueue } from './work-queue.ts';

/** What the pipeline tells the world: verdicts that changed, plate reads that are complete or lack wells. */
export class Announcements extends Construct {
  readonly bus: EventBus;
  /** Subscribe here to hear of verdicts and plates. */
  readonly topic: Topic;
  /** Subscribe here to hear of alarms. */
  readonly alarmTopic: Topic;
  /** Announcements that SNS did not take. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // A key of our own, because EventBridge and CloudWatch may not use the one that AWS manages for SNS.
    const key = new Key(this, 'Key', {
      description: 'Encrypts announcements and alarms on their way through SNS',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // For EventBridge, the rule's target below adds the like.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    this.topic = new Topic(this, 'Topic', { displayName: 'NViR', masterKey: key, enforceSSL: true });
    this.alarmTopic = new Topic(this, 'AlarmTopic', { displayName: 'NViR alarms', masterKey: key, enforceSSL: true });
    this.alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.alarmTopic.topicArn],
      }),
    );

    this.deadLetters = keptQueue(this, 'DeadLetters');
    acknowledge(
      this.deadLetters,
      'SQS3',
      "It is itself the rule's dead-letter queue; it has no consumer that could fail.",
    );
    this.bus = new EventBus(this, 'Bus', { description: 'Verdicts and plates of NViR' });
    new Rule(this, 'Rule', {
      description: 'Sends verdicts that changed and finished plate reads to the topic',
      eventBus: this.bus,
      eventPattern: { source: ['nvir'], detailType: ['VerdictChanged', 'PlateCompleted', 'PlateIncomplete'] },
      targets: [new SnsTopic(this.topic, { deadLetterQueue: this.deadLetters })],
    });
  }

  /** Lets it announce. */
  grantAnnounce(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: ['events:PutEvents'], resourceArns: [this.bus.eventBusArn] });
  }
}
