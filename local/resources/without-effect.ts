/**
 * Resource types that do nothing in a local run, each with the reason. `Ref` answers the physical name; attributes are
 * named here where templates read them.
 */
export const WITHOUT_LOCAL_EFFECT: Readonly<Record<string, { reason: string; arn?: string }>> = {
  'AWS::CDK::Metadata': { reason: 'usage statistics of CDK itself' },
  'AWS::CloudWatch::Alarm': { reason: 'no metrics are collected here; logs are files', arn: 'cloudwatch:alarm:' },
  'AWS::CloudWatch::Dashboard': { reason: 'no metrics are collected here' },
  'AWS::CloudWatch::CompositeAlarm': { reason: 'no metrics are collected here', arn: 'cloudwatch:alarm:' },
  'AWS::Logs::MetricFilter': { reason: 'no metrics are collected here' },
  'AWS::ApplicationAutoScaling::ScalableTarget': { reason: 'the local model runs on this machine alone' },
  'AWS::ApplicationAutoScaling::ScalingPolicy': { reason: 'the local model runs on this machine alone' },
  'AWS::Budgets::Budget': { reason: 'a local run costs nothing' },
};
