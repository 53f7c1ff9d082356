import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../lib/app.ts';
import { ofType, one, references, statements, synthesise, type Template } from './synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

describe('permissions', () => {
  const ofRoles = () => ofType(template, 'AWS::IAM::Policy').flatMap(statements);

  it('name every action', () => {
    for (const { Action } of ofRoles()) for (const action of Action) expect(action).not.toContain('*');
  });

  it('name every resource, except where AWS knows none', () => {
    const everywhere = ofRoles()
      .filter(({ Resource }) => Resource === '*')
      .flatMap(({ Action }) => Action);
    expect(everywhere.sort()).toEqual([
      'cloudwatch:PutMetricData',
      'dynamodb:ListStreams',
      'ecr:GetAuthorizationToken',
    ]);
  });

  it('lean on no managed policy and no shared role', () => {
    const roles = ofType(template, 'AWS::IAM::Role');
    for (const role of roles) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    const used = ofType(template, 'AWS::Lambda::Function').flatMap(({ Properties }) => references(Properties.Role));
    expect(new Set(used).size).toBe(5);
  });

  it('let nobody but CloudFormation delete an image or a reading', () => {
    const actions = ofRoles().flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('s3:Delete'))).toEqual([]);
  });
});

it('leaves every name to CloudFormation, but for those that it wants', () => {
  const names = [
    'BucketName',
    'TableName',
    'QueueName',
    'TopicName',
    'FunctionName',
    'RoleName',
    'LogGroupName',
    'AlarmName',
  ];
  const named = Object.entries(template.Resources).flatMap(([id, { Properties }]) =>
    [...names, 'Name', 'EndpointName', 'EndpointConfigName', 'ModelName']
      .filter((name) => typeof Properties[name] === 'string')
      .map((name) => `${id.replace(/[0-9A-F]{8}$/, '')}.${name}`),
  );
  // An event bus and an API must have one; the bus's carries the stack's name, the API's need not be unique.
  expect(named.sort()).toEqual(['AnnouncementsBus.Name', 'ApiHttp.Name']);
});

describe('API', () => {
  it('answers GET only, to callers who sign', () => {
    for (const { Properties } of ofType(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.RouteKey).toMatch(/^GET \/v1\//);
      expect(Properties.AuthorizationType).toBe('AWS_IAM');
    }
  });

  it('takes tokens of an issuer instead, when one is configured', () => {
    const jwt = synthesise({ jwtIssuer: 'https://login.example.org', jwtAudience: 'nvir' });
    for (const { Properties } of ofType(jwt, 'AWS::ApiGatewayV2::Route'))
      expect(Properties.AuthorizationType).toBe('JWT');
    expect(one(ofType(jwt, 'AWS::ApiGatewayV2::Authorizer')).Properties.JwtConfiguration).toEqual({
      Audience: ['nvir'],
      Issuer: 'https://login.example.org',
    });
  });

  it('is throttled and writes access logs', () => {
    expect(one(ofType(template, 'AWS::ApiGatewayV2::Stage')).Properties).toMatchObject({
      AccessLogSettings: { DestinationArn: expect.anything() },
      DefaultRouteSettings: { ThrottlingRateLimit: expect.any(Number), ThrottlingBurstLimit: expect.any(Number) },
    });
  });

  it('logs the route, the answer and the error of each call, as JSON', () => {
    const { AccessLogSettings } = one(ofType(template, 'AWS::ApiGatewayV2::Stage')).Properties;
    const { Format } = AccessLogSettings as { Format: string };
    // What an HTTP API knows; it logs `-` for any other variable.
    expect(Object.values(JSON.parse(Format) as Record<string, string>).sort()).toEqual([
      '$context.error.message',
      '$context.identity.sourceIp',
      '$context.integrationErrorMessage',
      '$context.path',
      '$context.requestId',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});

it('refuses options that it does not understand, by name', () => {
  expect(() => synthesise({ architecture: 'arm' })).toThrow(/architecture/);
  expect(() => synthesise({ jwtIssuer: 'https://login.example.org' })).toThrow(/jwtAudience/);
});

it('fails the synthesis on a finding of cdk-nag that nobody answered', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'nvir-nag-'));
  const { app, stack } = createApp({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  new Queue(stack, 'Unguarded');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS3/);
  rmSync(outdir, { recursive: true });
});
