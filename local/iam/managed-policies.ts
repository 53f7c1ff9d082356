import { parsePolicy, type Statement } from './document.ts';

/** AWS's own policies that templates attach, as AWS publishes them. */
const DOCUMENTS: Record<string, unknown> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
  AWSXRayDaemonWriteAccess: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
          'xray:GetSamplingStatisticSummaries',
        ],
        Resource: '*',
      },
    ],
  },
};

/** @throws on a managed policy whose text the local cloud does not hold. */
export function managedPolicy(arn: string): Statement[] {
  const document = DOCUMENTS[arn.replace(/^arn:aws:iam::aws:policy\//, '')];
  if (document === undefined) throw new Error(`managed policy ${arn} is not known to the local cloud`);
  return parsePolicy(document, arn);
}
