import type { Account } from '../account.ts';
import type { CreatedResource, ResourceRequest } from '../cloudformation/stack.ts';
import { authorizer, httpApi, integration, route, stage } from './api.ts';
import { bucket } from './bucket.ts';
import { eventSource } from './event-source.ts';
import { eventBus, rule } from './events.ts';
import { eventInvokeConfig, lambdaFunction, permission } from './function.ts';
import { key } from './key.ts';
import { logGroup } from './log-group.ts';
import { bucketPolicy, policy, queuePolicy, role, topicPolicy } from './policies.ts';
import { arnOf, nameOf, type Provider } from './provider.ts';
import { queue } from './queue.ts';
import { endpoint, endpointConfig, model } from './sagemaker.ts';
import { schedule } from './schedule.ts';
import { table } from './table.ts';
import { topic } from './topic.ts';
import { WITHOUT_LOCAL_EFFECT } from './without-effect.ts';

const PROVIDERS: Readonly<Record<string, Provider>> = {
  'AWS::ApiGatewayV2::Api': httpApi,
  'AWS::ApiGatewayV2::Authorizer': authorizer,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::KMS::Key': key,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSource,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SageMaker::Endpoint': endpoint,
  'AWS::SageMaker::EndpointConfig': endpointConfig,
  'AWS::SageMaker::Model': model,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};

/** Creates one resource of the template. @throws on a type that the local cloud neither runs nor may leave out. */
export async function createResource(request: ResourceRequest, account: Account): Promise<CreatedResource> {
  const { logicalId, type, properties } = request;
  const known = PROVIDERS[type];
  if (known) return known.create(logicalId, properties, account);
  const inert = WITHOUT_LOCAL_EFFECT[type];
  if (!inert) throw new Error(`resource type ${type} is not known to the local cloud`);
  const name = nameOf(account, logicalId, undefined);
  const [service, ...rest] = (inert.arn ?? '').split(':');
  return { ref: name, attributes: service ? { Arn: arnOf(account, service, rest.join(':') + name) } : {} };
}
