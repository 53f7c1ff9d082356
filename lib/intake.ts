import { Construct } from 'constructs';
import { functionSizes, intakeFeed } from './config.ts';
import type { Exports } from './exports.ts';
import type { Inference } from './inference.ts';
import { NodeFunction } from './node-function.ts';
import type { Options } from './options.ts';
import type { Readings } from './readings.ts';
import { WorkQueue } from './work-queue.ts';

export interface IntakeProps {
  readonly options: Options;
  readonly exports: Exports;
  readonly inference: Inference;
  readonly readings: Readings;
  /** Takes the requests to score a study whose notes changed. */
  readonly scoring: WorkQueue;
  /** Takes the requests to look through a study whose study.json changed. */
  readonly sweeping: WorkQueue;
}

/** From an upload to a reading: the queue of keys that came or went, and the function that reads them. */
export class Intake extends Construct {
  readonly keys: WorkQueue;
  readonly preprocess: NodeFunction;

  constructor(scope: Construct, id: string, props: IntakeProps) {
    super(scope, id);
    this.keys = new WorkQueue(this, 'Keys', { worker: functionSizes.preprocess, feed: intakeFeed });
    this.preprocess = new NodeFunction(this, 'Preprocess', {
      name: 'preprocess',
      description: 'Decodes images, judges their quality, asks NViR for viabilities, keeps readings',
      size: functionSizes.preprocess,
      options: props.options,
      nativeModules: ['sharp'],
      environment: {
        EXPORT_BUCKET: props.exports.bucket.bucketName,
        READINGS_TABLE: props.readings.table.tableName,
        ENDPOINT_NAME: props.inference.endpoint.attrEndpointName,
        SCORING_QUEUE_URL: props.scoring.queue.queueUrl,
        SWEEP_QUEUE_URL: props.sweeping.queue.queueUrl,
      },
    });
    props.exports.grantRead(this.preprocess);
    props.inference.grantInvoke(this.preprocess);
    props.readings.grantKeep(this.preprocess);
    props.scoring.grantSend(this.preprocess);
    props.sweeping.grantSend(this.preprocess);
    props.exports.notify(this.keys.queue);
    this.keys.feedInto(this.preprocess);
  }
}
