/**
 * Every size, limit and schedule of the stack, with its unit and its reason. Nothing else in `lib/` holds a number.
 */
import { Duration } from 'aws-cdk-lib';

/** Memory, time and parallel work of one function. */
export interface FunctionSize {
  readonly memory_MiB: number;
  readonly timeout: Duration;
}

/** How a queue feeds its function. */
export interface QueueFeed {
  /** Messages an invocation takes at most. */
  readonly batchSize: number;
  /** How long Lambda gathers a batch; FIFO queues know no window. */
  readonly window?: Duration;
  /** Invocations at once at most; Lambda wants 2 or more. */
  readonly maxConcurrency: number;
  /**
   * Receives before a message goes to the dead-letter queue. Every receive counts, throttled ones too, and a timed-out
   * batch counts for all of its messages: high, because the functions set poison aside themselves.
   */
  readonly maxReceiveCount: number;
}

export const functionSizes = {
  preprocess: {
    // About 1.7 vCPU, so that one image decodes while another travels; a 100-megapixel 16-bit frame needs about 600 MB.
    // 3008 is the most a new AWS account may ask for.
    memory_MiB: 3008,
    // A full batch of large 16-bit LZW frames decodes at about 14 images/s; the rest is room for a slow endpoint (60 s).
    timeout: Duration.seconds(120),
  },
  notify: {
    // Parses keys and sends one message a study.
    memory_MiB: 256,
    timeout: Duration.seconds(30),
  },
  score: {
    // One full vCPU (1769 MB) for the curve fits; a study of 50,000 readings takes about 100 MB.
    memory_MiB: 1769,
    // Reading 50,000 items strongly consistently takes about 20 s, 1,000 supported curves 35 s (a warm
    // process fits only those that changed): room for some 4,000 compound-days at once.
    timeout: Duration.seconds(180),
  },
  sweep: {
    // Lists a plate's objects and readings: a few thousand entries.
    memory_MiB: 512,
    // Planning lists every study and plate once: about 10 plates a second; `nvir retry --older-preprocessing` reads the readings of one study
    // besides.
    timeout: Duration.seconds(180),
  },
  query: {
    // Latency of a first call halves from 512 to 1024 MB; the answers are small.
    memory_MiB: 1024,
    // An HTTP API waits 30 s at most: answer before it gives up.
    timeout: Duration.seconds(29),
  },
} as const satisfies Record<string, FunctionSize>;

export const intakeFeed = {
  // One InvokeEndpoint takes at most 90 images of 64 KiB (below 6,000,000 bytes). 32 keeps the GPU busy at 2 MB a
  // request, and a batch that fails as a whole repeats little.
  batchSize: 32,
  // Batches over 10 need a window. The shortest fills one at 32 images/s; a slower microscope gets smaller batches, which the
  // endpoint gathers again, and nobody waits longer for the last images of a plate.
  window: Duration.seconds(1),
  // 8 × 32 images are more than one T4 should need to stay busy (never measured), and a new account's 10 concurrent
  // executions leave 2.
  maxConcurrency: 8,
  // × visibility timeout (721 s) ≈ 4 h: an endpoint may be away that long before images need a redrive.
  maxReceiveCount: 20,
} as const satisfies QueueFeed;

export const scoringFeed = {
  // The most that Lambda takes from a FIFO queue: requests for the same study coalesce.
  batchSize: 10,
  // Studies scored at once; within a study the FIFO group admits one.
  maxConcurrency: 5,
  // × visibility timeout (1080 s) ≈ 3 h of a failing table or bug before the study's request needs a redrive.
  maxReceiveCount: 10,
} as const satisfies QueueFeed;

export const sweepFeed = {
  // One plate an invocation: a plate with thousands of images takes seconds by itself.
  batchSize: 1,
  // Repair must not take the account's concurrency from the images that arrive.
  maxConcurrency: 2,
  // × visibility timeout (1080 s) ≈ 90 min; the next sweep plans the plate again anyway.
  maxReceiveCount: 5,
} as const satisfies QueueFeed;

/** How the readings stream feeds `notify`. Lambda's defaults would block a shard for 24 h behind one bad record. */
export const readingsStream = {
  // One scoring request a study and batch: larger batches score less often, and nobody looks at scores within five seconds.
  // 1000 readings are some 2 MB, 4 where they replace others, of the 6 that a function takes.
  batchSize: 1000,
  window: Duration.seconds(5),
  // With bisecting, one bad record is alone after 10 halvings; 15 leaves 5 tries for a passing cause.
  retryAttempts: 15,
  // A record older than this helps nobody: the sweep has scored its plate by then.
  maxRecordAge: Duration.hours(6),
} as const;

/**
 * A batch stays hidden while it is worked on: six times the function's timeout plus the window, as Lambda's guide asks,
 * so that a throttled batch does not come back while it still runs.
 */
export function visibilityTimeout(function_: FunctionSize, feed: QueueFeed): Duration {
  return Duration.seconds(6 * function_.timeout.toSeconds() + (feed.window?.toSeconds() ?? 0));
}

export const retention = {
  // SQS keeps no longer; failures of a Friday are still there after a holiday.
  deadLetters: Duration.days(14),
  // Waiting work outlives a week in which the endpoint is switched off.
  work: Duration.days(14),
  // Logs help with what happened lately; what must last is in the tables and the bucket.
  logs_days: 90,
  // S3 access logs answer "who read this compound's images", also after a quarter.
  accessLogs: Duration.days(365),
} as const;

/** Superseded and deleted images: cheaper after a month, gone after a year. Current versions are never touched. */
export const supersededImages = {
  toInfrequentAccess: Duration.days(30),
  expire: Duration.days(365),
  // Parts of an upload that was never completed cost money and help nobody.
  abortUpload: Duration.days(7),
} as const;

export const sweepSchedule = {
  // Images and notes arrive as events; the sweep finds what events missed. An hour is soon enough for a read that a
  // microscope takes half a day for, and the listing costs cents a month (docs/costs.md).
  expression: 'rate(1 hour)',
  // Scheduler's own retries when it cannot reach Lambda.
  retryAttempts: 3,
  maxEventAge: Duration.minutes(30),
} as const;

export const endpoint = {
  // The smallest and cheapest GPU host (one T4, 16 GB): a ResNet18 at 256² needs a small part of it.
  instanceType: 'ml.g4dn.xlarge',
  // One host serves a laboratory; more for redundancy or several microscopes at once.
  instanceCount: 1,
  variantName: 'nvir',
  // The container is of CUDA 12.6, which takes NVIDIA drivers from 525 on. Unasked, SageMaker gives this family driver 470,
  // and the container could not reach the GPU; this image of the host has driver 550.
  hostImage: 'al2-ami-sagemaker-inference-gpu-3-1',
  // Pulling the image and loading the weights onto the GPU takes minutes on a fresh host.
  startupTimeout: Duration.minutes(10),
} as const;

export const api = {
  // Dashboards and notebooks, not the public: requests per second, and at once.
  rateLimit: 50,
  burstLimit: 100,
} as const;

/** When an operator should look. Each alarm's section in docs/runbook.md says at what. */
export const alarms = {
  period: Duration.minutes(5),
  // Work that waits longer than this is more than a full plate's queue.
  intakeAge: Duration.hours(1),
  // notify normally lags by seconds.
  iteratorAge: Duration.minutes(15),
  // Retries absorb single failures; as many in one period have a cause.
  functionErrors: 3,
  endpointErrors: 3,
  apiErrors: 5,
  // Periods of an hour without a sweep.
  sweepSilence: Duration.hours(3),
} as const;
