import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { Announcements } from './announcements.ts';
import { Api } from './api.ts';
import { alarms as alarmLimits } from './config.ts';
import { Exports } from './exports.ts';
import { Inference } from './inference.ts';
import { Intake } from './intake.ts';
import type { Options } from './options.ts';
import { ReadingNews, Readings } from './readings.ts';
import { Scores, Scoring } from './scoring.ts';
import { Sweep, sweepQueue } from './sweep.ts';

export interface NvirStackProps extends StackProps {
  readonly options: Options;
}

/** Wires the capabilities to each other, and nothing else. */
export class NvirStack extends Stack {
  constructor(scope: Construct, id: string, props: NvirStackProps) {
    super(scope, id, props);
    const { options } = props;
    const exports = new Exports(this, 'Exports', { retainData: options.retainData });
    const announcements = new Announcements(this, 'Announcements');
    const readings = new Readings(this, 'Readings', { options });
    const scores = new Scores(this, 'Scores', { options });
    const inference = new Inference(this, 'Inference', { options });
    const scoring = new Scoring(this, 'Scoring', { options, exports, readings, scores, announcements });
    const news = new ReadingNews(this, 'ReadingNews', { options, readings, scoring: scoring.requests });
    const plates = sweepQueue(this, 'SweepPlates');
    const intake = new Intake(this, 'Intake', {
      options,
      exports,
      inference,
      readings,
      scoring: scoring.requests,
      sweeping: plates,
    });
    const sweep = new Sweep(this, 'Sweeping', {
      options,
      exports,
      readings,
      scores,
      announcements,
      plates,
      intake: intake.keys,
      scoring: scoring.requests,
    });
    const api = new Api(this, 'Api', { options, exports, readings, scores });

    const functions = {
      preprocess: intake.preprocess,
      notify: news.notify,
      score: scoring.score,
      sweep: sweep.sweep,
      query: api.query,
    };
    const alarms = new Alarms(this, 'Alarms', { topic: announcements.alarmTopic, runbook: options.runbook });
    alarms.onFailuresKept('intake-dead-letters', intake.keys.deadLetters);
    alarms.onFailuresKept('scoring-dead-letters', scoring.requests.deadLetters);
    alarms.onFailuresKept('sweep-dead-letters', plates.deadLetters);
    alarms.onFailuresKept('notify-failures', news.failures);
    alarms.onFailuresKept('announcement-dead-letters', announcements.deadLetters);
    alarms.onBacklog('intake-backlog', intake.keys.queue);
    alarms.onStreamLag('readings-stream-lag', news.notify);
    alarms.onEndpointErrors('endpoint-errors', inference.endpoint.attrEndpointName);
    alarms.onApiErrors('api-errors', api.api.metricServerError({ period: alarmLimits.period, statistic: Stats.SUM }));
    alarms.onSilence('sweep-silent', sweep.sweep);
    for (const [name, worker] of Object.entries(functions)) alarms.onFunctionErrors(name, worker);

    this.output({
      ExportBucketName: exports.bucket.bucketName,
      ReadingsTableName: readings.table.tableName,
      ScoresTableName: scores.table.tableName,
      IntakeQueueUrl: intake.keys.queue.queueUrl,
      IntakeDeadLetterQueueUrl: intake.keys.deadLetters.queueUrl,
      ScoringQueueUrl: scoring.requests.queue.queueUrl,
      ScoringDeadLetterQueueUrl: scoring.requests.deadLetters.queueUrl,
      SweepQueueUrl: plates.queue.queueUrl,
      SweepDeadLetterQueueUrl: plates.deadLetters.queueUrl,
      NotifyFailureQueueUrl: news.failures.queueUrl,
      AnnouncementDeadLetterQueueUrl: announcements.deadLetters.queueUrl,
      ApiUrl: api.api.apiEndpoint,
      EndpointName: inference.endpoint.attrEndpointName,
      TopicArn: announcements.topic.topicArn,
      AlarmTopicArn: announcements.alarmTopic.topicArn,
      ...Object.fromEntries(
        Object.entries(functions).map(([name, worker]) => [
          `${name.charAt(0).toUpperCase()}${name.slice(1)}FunctionName`,
          worker.function.functionName,
        ]),
      ),
    });
  }

  private output(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
