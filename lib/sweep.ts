import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Announcements } from './announcements.ts';
import { functionSizes, sweepFeed, sweepSchedule } from './config.ts';
import type { Exports } from './exports.ts';
import { NodeFunction } from './node-function.ts';
import type { Options } from './options.ts';
import type { Readings } from './readings.ts';
import type { Scores } from './scoring.ts';
import { grantSend, WorkQueue } from './work-queue.ts';

export interface SweepProps {
  readonly options: Options;
  readonly exports: Exports;
  readonly readings: Readings;
  readonly scores: Scores;
  readonly announcements: Announcements;
  /** Plates to look through; made before this construct, because preprocess writes to it too. */
  readonly plates: WorkQueue;
  /** Takes images that have no reading. */
  readonly intake: WorkQueue;
  /** Takes studies whose readings are newer than their score. */
  readonly scoring: WorkQueue;
}

/** Plates that wait to be looked through. */
export function sweepQueue(scope: Construct, id: string): WorkQueue {
  return new WorkQueue(scope, id, { worker: functionSizes.sweep, feed: sweepFeed });
}

/** The scheduled look through every plate, that closes what events missed. */
export class Sweep extends Construct {
  readonly sweep: NodeFunction;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id);
    const { plates } = props;
    this.sweep = new NodeFunction(this, 'Sweep', {
      name: 'sweep',
      description: 'Finds images without readings, stale scores and absent wells; closes plate reads',
      size: functionSizes.sweep,
      options: props.options,
      // Scores made with another drug reference are old; the same file as score's.
      files: [{ from: 'reference/compounds.csv', as: 'compounds.csv' }],
      environment: {
        EXPORT_BUCKET: props.exports.bucket.bucketName,
        READINGS_TABLE: props.readings.table.tableName,
        SCORES_TABLE: props.scores.table.tableName,
        INTAKE_QUEUE_URL: props.intake.queue.queueUrl,
        SWEEP_QUEUE_URL: plates.queue.queueUrl,
        SCORING_QUEUE_URL: props.scoring.queue.queueUrl,
        EVENT_BUS_NAME: props.announcements.bus.eventBusName,
        COMPOUNDS_FILE: 'compounds.csv',
      },
      // A plan that failed three times waits among the plates' dead letters, put there by Lambda: SQS redrives only what it
      // gave up itself, so docs/runbook.md says how to send such a plan by hand.
      deadLetters: plates.deadLetters,
    });
    props.exports.grantRead(this.sweep);
    props.readings.grantQuery(this.sweep);
    props.scores.grantMark(this.sweep);
    props.announcements.grantAnnounce(this.sweep);
    for (const queue of [props.intake, plates, props.scoring]) queue.grantSend(this.sweep);
    plates.feedInto(this.sweep);
    this.schedule(plates);
  }

  private schedule(plates: WorkQueue): void {
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'Starts the sweep',
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.sweep.function.functionArn] }),
    );
    grantSend(plates.deadLetters, role);
    const schedule = new CfnSchedule(this, 'Schedule', {
      description: 'Plate processing: looks through every plate',
      scheduleExpression: sweepSchedule.expression,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.sweep.function.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ kind: 'sweep' }),
        deadLetterConfig: { arn: plates.deadLetters.queueArn },
        retryPolicy: {
          maximumRetryAttempts: sweepSchedule.retryAttempts,
          maximumEventAgeInSeconds: sweepSchedule.maxEventAge.toSeconds(),
        },
      },
    });
    schedule.node.addDependency(role);
  }
}
