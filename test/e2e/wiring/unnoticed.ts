/** Wires whose cut no local run can notice, each with the reason. What is asserted of them elsewhere is said. */
export const unnoticed: readonly { cut: RegExp; reason: string }[] = [
  {
    cut: /^resource policy: .* Deny .* if aws:SecureTransport$/,
    reason:
      'The local cloud speaks plain HTTP to this machine alone, so refusing it would refuse everything. test/infrastructure/data.test.ts asserts it on every bucket, queue and topic.',
  },
  {
    cut: /^resource policy: AnnouncementsKey: Allow kms:\* to .*:root$/,
    reason: "It lets the account's administrators manage the key, which nobody does here.",
  },
  {
    cut: /^resource policy: AnnouncementsKey: .* to cloudwatch/,
    reason: 'No metrics are collected here, so no alarm is ever encrypted.',
  },
  {
    cut: /^resource policy: AnnouncementsAlarmTopicPolicy: Allow sns:Publish to cloudwatch/,
    reason: 'No metrics are collected here, so no alarm ever rings.',
  },
  {
    cut: /^resource policy: ExportsAccessLogsPolicy: Allow s3:PutObject to logging/,
    reason: 'S3 access logs are not written here.',
  },
  {
    cut: /^permission: Inference may (logs|cloudwatch):/,
    reason: "The container's own logs and metrics are written by SageMaker's hosts; ONNX Runtime here writes none.",
  },
  {
    cut: /^variable: \w+ knows (POWERTOOLS_SERVICE_NAME|LOG_LEVEL|NODE_OPTIONS)$/,
    reason: 'They shape log lines and stack traces; the functions do the same without them.',
  },
];
