import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Announcements } from './announcements.ts';
import { functionSizes, scoringFeed } from './config.ts';
import type { Exports } from './exports.ts';
import { NodeFunction } from './node-function.ts';
import type { Options } from './options.ts';
import { type Readings, tableProps } from './readings.ts';
import { WorkQueue } from './work-queue.ts';

export interface ScoresProps {
  readonly options: Options;
}

/** Doses, margins of safety and verdicts: one partition a study. */
export class Scores extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: ScoresProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      ...tableProps(props.options.retainData),
      partitionKey: { name: 'study', type: AttributeType.STRING },
      sortKey: { name: 'sortKey', type: AttributeType.STRING },
    });
  }

  /** Lets it read a study's scores. */
  grantRead(grantee: IGrantable): Grant {
    return this.grant(grantee, 'dynamodb:GetItem', 'dynamodb:Query');
  }

  /** Lets it compare a study's scores with what they were, and write what changed. */
  grantWrite(grantee: IGrantable): Grant {
    return this.grant(grantee, 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem');
  }

  /** Lets it mark a plate read as announced, once. */
  grantMark(grantee: IGrantable): Grant {
    return this.grant(grantee, 'dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem');
  }

  private grant(grantee: IGrantable, ...actions: string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.table.tableArn] });
  }
}

export interface ScoringProps {
  readonly options: Options;
  readonly exports: Exports;
  readonly readings: Readings;
  readonly scores: Scores;
  readonly announcements: Announcements;
}

/** Scores a study from one consistent read of its readings and notes; the FIFO group admits one writer a study. */
export class Scoring extends Construct {
  readonly requests: WorkQueue;
  readonly score: NodeFunction;

  constructor(scope: Construct, id: string, props: ScoringProps) {
    super(scope, id);
    this.requests = new WorkQueue(this, 'Requests', { worker: functionSizes.score, feed: scoringFeed, fifo: true });
    this.score = new NodeFunction(this, 'Score', {
      name: 'score',
      description: 'Scores a study: dose-response, margin of safety, verdicts',
      size: functionSizes.score,
      options: props.options,
      files: [{ from: 'reference/compounds.csv', as: 'compounds.csv' }],
      environment: {
        EXPORT_BUCKET: props.exports.bucket.bucketName,
        READINGS_TABLE: props.readings.table.tableName,
        SCORES_TABLE: props.scores.table.tableName,
        EVENT_BUS_NAME: props.announcements.bus.eventBusName,
        COMPOUNDS_FILE: 'compounds.csv',
      },
    });
    props.exports.grantRead(this.score);
    props.exports.grantKeepProvenance(this.score);
    props.readings.grantQuery(this.score);
    props.scores.grantWrite(this.score);
    props.announcements.grantAnnounce(this.score);
    this.requests.feedInto(this.score);
  }
}
