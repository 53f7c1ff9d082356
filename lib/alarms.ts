import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarms, endpoint } from './config.ts';
import type { NodeFunction } from './node-function.ts';

export interface AlarmsProps {
  /** Hears of every alarm. */
  readonly topic: ITopic;
  /** Address of the runbook. */
  readonly runbook: string;
}

/** Alarms, each named like its section in the runbook. */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlarmsProps,
  ) {
    super(scope, id);
  }

  /** A message in a queue that only keeps failures. */
  onFailuresKept(section: string, queue: IQueue): void {
    this.add(section, `Failures wait in ${section}`, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: alarms.period, statistic: Stats.MAXIMUM }),
      threshold: 1,
    });
  }

  /** Work that waits too long. */
  onBacklog(section: string, queue: IQueue): void {
    this.add(section, 'Images wait to be read', {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: alarms.period, statistic: Stats.MAXIMUM }),
      threshold: alarms.intakeAge.toSeconds(),
    });
  }

  /** A stream consumer that lags. */
  onStreamLag(section: string, consumer: NodeFunction): void {
    this.add(section, 'Changed readings wait to be scored', {
      metric: consumer.function.metric('IteratorAge', { period: alarms.period, statistic: Stats.MAXIMUM }),
      threshold: alarms.iteratorAge.toMilliseconds(),
    });
  }

  /** A function that fails again and again. */
  onFunctionErrors(name: string, worker: NodeFunction): void {
    this.add(`${name}-errors`, `The function ${name} fails`, {
      metric: worker.function.metricErrors({ period: alarms.period, statistic: Stats.SUM }),
      threshold: alarms.functionErrors,
    });
  }

  /** A scheduled function that nobody started. */
  onSilence(section: string, worker: NodeFunction): void {
    this.add(section, 'No sweep ran', {
      metric: worker.function.metricInvocations({ period: Duration.hours(1), statistic: Stats.SUM }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: alarms.sweepSilence.toHours(),
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  /** A model that answers with errors. */
  onEndpointErrors(section: string, endpointName: string): void {
    this.add(section, 'NViR answers with errors', {
      metric: new Metric({
        namespace: 'AWS/SageMaker',
        metricName: 'Invocation5XXErrors',
        dimensionsMap: { EndpointName: endpointName, VariantName: endpoint.variantName },
        period: alarms.period,
        statistic: Stats.SUM,
      }),
      threshold: alarms.endpointErrors,
    });
  }

  /** An API that answers with errors of its own. */
  onApiErrors(section: string, metric: IMetric): void {
    this.add(section, 'The API answers with errors', { metric, threshold: alarms.apiErrors });
  }

  private add(
    section: string,
    what: string,
    alarm: {
      metric: IMetric;
      threshold: number;
      comparisonOperator?: ComparisonOperator;
      evaluationPeriods?: number;
      treatMissingData?: TreatMissingData;
    },
  ): void {
    new Alarm(this, section, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...alarm,
      alarmDescription: `${what}. What to do: ${this.props.runbook}#${section}`,
    }).addAlarmAction(new SnsAction(this.props.topic));
  }
}
