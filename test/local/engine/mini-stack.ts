// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub has its placeholders in plain strings.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeTinyModel } from './tiny-model.ts';

/**
 * A small stack with one wire of every kind: bucket → queue → `reader` → endpoint, table → stream → `teller` → bus →
 * topic, an API to `asker`, and a schedule that invokes `asker`. Its functions are real bundles with the AWS SDK.
 */
const SOURCES: Record<string, string> = {
  reader: `
    import { S3Client, GetObjectCommand } from '@aws-sdk/client-s3';
    import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
    import { SageMakerRuntimeClient, InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
    const { BUCKET, TABLE, ENDPOINT } = process.env;
    if (!TABLE) throw new Error('TABLE is missing');
    const s3 = new S3Client({}), table = new DynamoDBClient({}), model = new SageMakerRuntimeClient({});
    const read = async ({ s3: { object } }) => {
      const key = decodeURIComponent(object.key.replaceAll('+', ' '));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      const answer = await model.send(new InvokeEndpointCommand({
        EndpointName: ENDPOINT, ContentType: 'application/x-npy', Body: await Body.transformToByteArray() }));
      const { viability } = JSON.parse(new TextDecoder().decode(answer.Body));
      await table.send(new PutItemCommand({ TableName: TABLE,
        Item: { id: { S: key }, kind: { S: 'c' }, viability: { N: String(viability[0]) } } }));
    };
    export const handler = async ({ Records }) => {
      const batchItemFailures = [];
      for (const message of Records) {
        try {
          const body = JSON.parse(message.body);
          for (const record of body.Records ?? []) await read(record);
        } catch (error) {
          console.error(error.name + ': ' + error.message);
          batchItemFailures.push({ itemIdentifier: message.messageId });
        }
      }
      return { batchItemFailures };
    };`,
  teller: `
    import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
    const events = new EventBridgeClient({});
    export const handler = async ({ Records }) => {
      const Entries = Records.map((one) => ({ EventBusName: process.env.BUS, Source: 'mini', DetailType: 'Read',
        Detail: JSON.stringify({ id: one.dynamodb.Keys.id.S, viability: Number(one.dynamodb.NewImage.viability.N) }) }));
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount) throw new Error('not sent');
    };`,
  asker: `
    import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
    const table = new DynamoDBClient({});
    export const handler = async (event) => {
      if (event.kind === 'tick') {
        await table.send(new PutItemCommand({ TableName: process.env.TABLE,
          Item: { id: { S: 'tick' }, kind: { S: 'tick' }, viability: { N: '0' } } }));
        return;
      }
      const { Item } = await table.send(new GetItemCommand({ TableName: process.env.TABLE,
        Key: { id: { S: event.pathParameters.id } }, ConsistentRead: true }));
      if (!Item) return { statusCode: 404, body: 'nothing read' };
      return { id: Item.id.S, viability: Number(Item.viability.N), caller: event.requestContext.authorizer.iam.userArn };
    };`,
};

const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const ref = (name: string) => ({ Ref: name });
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
});
const within = (name: string) => ({ 'Fn::Join': ['', [arn(name), '/*']] });
const logs = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], '*');

function roleOf(service: string, ...Statement: object[]) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust(service),
      Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement } }],
    },
  };
}

function functionOf(name: string, Variables: object, properties: object = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
      Role: arn(`${name}Role`),
      Timeout: 20,
      MemorySize: 256,
      Environment: { Variables },
      ...properties,
    },
  };
}

/** The template, fresh, so that a test may spoil it. */
export function miniTemplate(maxReceiveCount = 3) {
  const bus = { 'Fn::Sub': 'arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/${bus}' };
  return {
    Resources: {
      bucket: {
        Type: 'AWS::S3::Bucket',
        DependsOn: ['intakePolicy'],
        Properties: {
          VersioningConfiguration: { Status: 'Enabled' },
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Event: 's3:ObjectCreated:*',
                Queue: arn('intake'),
                Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
      lost: { Type: 'AWS::SQS::Queue', Properties: {} },
      intake: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 60,
          RedrivePolicy: { deadLetterTargetArn: arn('lost'), maxReceiveCount },
        },
      },
      intakePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [ref('intake')],
          PolicyDocument: {
            Statement: [
              {
                ...allow('sqs:SendMessage', arn('intake')),
                Principal: { Service: 's3.amazonaws.com' },
                Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
              },
            ],
          },
        },
      },
      table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
      readerRole: roleOf(
        'lambda.amazonaws.com',
        logs,
        allow('s3:GetObject', within('bucket')),
        allow('dynamodb:PutItem', arn('table')),
        allow('sagemaker:InvokeEndpoint', ref('endpoint')),
        allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('intake')),
      ),
      reader: functionOf('reader', {
        BUCKET: ref('bucket'),
        TABLE: ref('table'),
        ENDPOINT: { 'Fn::GetAtt': ['endpoint', 'EndpointName'] },
      }),
      readerSource: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arn('intake'),
          FunctionName: ref('reader'),
          BatchSize: 10,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      tellerRole: roleOf(
        'lambda.amazonaws.com',
        logs,
        allow('events:PutEvents', bus),
        allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], {
          'Fn::GetAtt': ['table', 'StreamArn'],
        }),
        allow('dynamodb:ListStreams', '*'),
      ),
      teller: functionOf('teller', { BUS: ref('bus') }),
      tellerSource: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['table', 'StreamArn'] },
          FunctionName: ref('teller'),
          StartingPosition: 'TRIM_HORIZON',
          BatchSize: 10,
          MaximumRetryAttempts: 2,
          FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"kind":{"S":["c"]}}}}' }] },
        },
      },
      bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'mini-bus' } },
      topic: { Type: 'AWS::SNS::Topic', Properties: {} },
      topicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [ref('topic')],
          PolicyDocument: {
            Statement: [{ ...allow('sns:Publish', ref('topic')), Principal: { Service: 'events.amazonaws.com' } }],
          },
        },
      },
      rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: ref('bus'),
          EventPattern: { source: ['mini'], 'detail-type': ['Read'] },
          Targets: [{ Id: 'topic', Arn: ref('topic') }],
        },
      },
      modelRole: roleOf(
        'sagemaker.amazonaws.com',
        allow('s3:GetObject', 'arn:aws:s3:::assets/model.zip'),
        allow('ecr:*', '*'),
      ),
      model: {
        Type: 'AWS::SageMaker::Model',
        Properties: {
          ExecutionRoleArn: arn('modelRole'),
          PrimaryContainer: { Image: '0.dkr.ecr.us-east-1.amazonaws.com/r:tag', ModelDataUrl: 's3://assets/model.zip' },
        },
      },
      configuration: {
        Type: 'AWS::SageMaker::EndpointConfig',
        Properties: { ProductionVariants: [{ ModelName: { 'Fn::GetAtt': ['model', 'ModelName'] }, VariantName: 'v' }] },
      },
      endpoint: {
        Type: 'AWS::SageMaker::Endpoint',
        Properties: { EndpointConfigName: { 'Fn::GetAtt': ['configuration', 'EndpointConfigName'] } },
      },
      askerRole: roleOf('lambda.amazonaws.com', logs, allow(['dynamodb:GetItem', 'dynamodb:PutItem'], arn('table'))),
      asker: functionOf('asker', { TABLE: ref('table') }),
      api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'mini', ProtocolType: 'HTTP' } },
      stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: ref('api'), StageName: '$default', AutoDeploy: true },
      },
      integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref('api'),
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: arn('asker'),
          PayloadFormatVersion: '2.0',
        },
      },
      route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref('api'),
          RouteKey: 'GET /readings/{id}',
          AuthorizationType: 'AWS_IAM',
          Target: { 'Fn::Join': ['/', ['integrations', ref('integration')]] },
        },
      },
      permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: ref('asker'),
          Principal: 'apigateway.amazonaws.com',
          SourceArn: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${api}/*/*/readings/{id}' },
        },
      },
      tickRole: roleOf('scheduler.amazonaws.com', allow('lambda:InvokeFunction', arn('asker'))),
      tick: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: 'rate(1 day)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: arn('asker'), RoleArn: arn('tickRole'), Input: '{"kind":"tick"}' },
        },
      },
    } as Record<string, { Type: string; Properties: Record<string, unknown>; DependsOn?: string[] }>,
    Outputs: {
      Bucket: { Value: ref('bucket') },
      Table: { Value: ref('table') },
      Intake: { Value: ref('intake') },
      Lost: { Value: ref('lost') },
      Api: { Value: { 'Fn::GetAtt': ['api', 'ApiEndpoint'] } },
    },
  };
}

/** Writes the mini stack as a cloud assembly, its functions bundled as CDK would. */
export async function writeMiniAssembly(directory: string): Promise<void> {
  const files: Record<string, object> = {};
  const asset = (name: string, objectKey: string) => {
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets', objectKey } },
    };
    return join(directory, `asset.${name}`);
  };
  mkdirSync(directory, { recursive: true });
  for (const [name, contents] of Object.entries(SOURCES)) {
    await build({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'js' },
      outfile: join(asset(name, `${name}.zip`), 'index.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    });
  }
  writeTinyModel(asset('model', 'model.zip'), 16);
  const write = (name: string, content: object) => writeFileSync(join(directory, name), JSON.stringify(content));
  write('Mini.template.json', miniTemplate());
  write('Mini.assets.json', { version: '1', files });
  write('manifest.json', {
    version: '1',
    artifacts: { Mini: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Mini.template.json' } } },
  });
}
