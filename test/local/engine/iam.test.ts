import { describe, expect, test } from 'vitest';
import { AccessDenied } from '../../../local/contract.ts';
import { parsePolicy } from '../../../local/iam/document.ts';
import { judge } from '../../../local/iam/evaluate.ts';
import { globMatches } from '../../../local/iam/glob.ts';
import { administrator, assertServiceAllowed, guardOf, Role } from '../../../local/iam/principals.ts';

const ACCOUNT = '000000000000';
const policy = (...Statement: object[]) => parsePolicy({ Version: '2012-10-17', Statement }, 'test');
const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});

describe('globMatches', () => {
  test.each([
    ['*', 'anything', true],
    ['s3:Get*', 's3:GetObject', true],
    ['s3:Get*', 's3:PutObject', false],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/a/b/c', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['a*bc', 'abcbc', true],
    ['', '', true],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });
});

describe('judge', () => {
  const read = { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' };

  test('says nothing where no statement applies', () => {
    expect(judge(policy(allow('s3:PutObject', '*')), read).effect).toBe('None');
    expect(judge(policy(allow('s3:GetObject', 'arn:aws:s3:::other/*')), read).effect).toBe('None');
  });

  test('compares actions without case, resources with it', () => {
    expect(judge(policy(allow('S3:getobject', '*')), read).effect).toBe('Allow');
    expect(judge(policy(allow('s3:GetObject', 'arn:aws:s3:::BUCKET/*')), read).effect).toBe('None');
  });

  test('lets an explicit deny win, wherever it stands', () => {
    const both = policy(allow('s3:*', '*'), { Sid: 'No', Effect: 'Deny', Action: 's3:GetObject', Resource: '*' });
    expect(judge(both, read)).toEqual({ effect: 'Deny', sid: 'No' });
  });

  test('reads NotAction and NotResource', () => {
    const notAction = policy({ Effect: 'Allow', NotAction: 's3:Delete*', Resource: '*' });
    expect(judge(notAction, read).effect).toBe('Allow');
    expect(judge(notAction, { ...read, action: 's3:DeleteObject' }).effect).toBe('None');
    const notResource = policy({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::bucket/*' });
    expect(judge(notResource, read).effect).toBe('None');
  });

  test('holds conditions: a missing key fails a positive test and passes a negated or IfExists one', () => {
    const when = (operator: string, value: string) => policy(allow('*', '*', { [operator]: { 's3:prefix': value } }));
    const listed = { ...read, context: { 's3:prefix': 'exports/a' } };
    expect(judge(when('StringEquals', 'exports/a'), listed).effect).toBe('Allow');
    expect(judge(when('StringEquals', 'exports/b'), listed).effect).toBe('None');
    expect(judge(when('StringLike', 'exports/*'), listed).effect).toBe('Allow');
    expect(judge(when('StringNotEquals', 'exports/a'), listed).effect).toBe('None');
    expect(judge(when('StringEquals', 'x'), read).effect).toBe('None');
    expect(judge(when('StringNotEquals', 'x'), read).effect).toBe('Allow');
    expect(judge(when('StringEqualsIfExists', 'x'), read).effect).toBe('Allow');
  });

  test('counts the local address as secure transport', () => {
    const tlsOnly = policy({
      Effect: 'Deny',
      Action: 's3:*',
      Resource: '*',
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const caller = administrator(ACCOUNT).caller;
    expect(judge(tlsOnly, read, caller).effect).toBe('None');
    expect(judge(tlsOnly, { ...read, context: { 'aws:SecureTransport': 'false' } }, caller).effect).toBe('Deny');
  });
});

describe('parsePolicy', () => {
  test.each([
    [allow('*', '*', { DateLessThan: { 'aws:CurrentTime': '2030-01-01' } }), /operator DateLessThan/],
    [allow('*', '*', { StringEquals: { 'aws:ViaAWSService': 'true' } }), /key aws:ViaAWSService/],
    [{ Effect: 'Allow', Resource: '*' }, /Action/],
    [{ Effect: 'Allow', Action: '*', Resource: '*', Principal: { Federated: 'x' } }, /Principal/],
  ])('refuses what it would have to ignore: %j', (statement, message) => {
    expect(() => policy(statement)).toThrow(message);
  });
});

describe('a role', () => {
  const trust = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } });
  const role = () => new Role('worker', `arn:aws:iam::${ACCOUNT}:role/worker`, ACCOUNT, trust);

  test('may do what an attached policy allows, also when attached later', () => {
    const worker = role();
    const session = worker.session('run');
    const request = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:0:q' };
    expect(() => session.authorize(request)).toThrow(AccessDenied);
    worker.attach(policy(allow('sqs:SendMessage', 'arn:aws:sqs:*:*:q')));
    expect(() => session.authorize(request)).not.toThrow();
  });

  test('is usable only by the service that it trusts', () => {
    expect(() => role().assertTrusts('lambda.amazonaws.com')).not.toThrow();
    expect(() => role().assertTrusts('scheduler.amazonaws.com')).toThrow(/trust policy/);
  });

  test('is met by a resource policy that names it', () => {
    const worker = role();
    const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*', Principal: { AWS: worker.arn } });
    const guard = guardOf(() => deny);
    const request = { action: 's3:GetObject', resource: 'x' };
    expect(() => guard(worker.session('run'), request)).toThrow(AccessDenied);
    expect(() => guard(administrator(ACCOUNT), request)).not.toThrow();
  });
});

describe('a service', () => {
  const request = { action: 'sqs:SendMessage', resource: 'arn:q', context: { 'aws:SourceArn': 'arn:aws:s3:::b' } };
  const letIn = (SourceArn: string) =>
    policy({
      ...allow('sqs:SendMessage', 'arn:q', { ArnLike: { 'aws:SourceArn': SourceArn } }),
      Principal: { Service: 's3.amazonaws.com' },
    });

  test('needs the resource policy to name it and its source', () => {
    expect(() => assertServiceAllowed(letIn('arn:aws:s3:::b'), 's3.amazonaws.com', request)).not.toThrow();
    expect(() => assertServiceAllowed(letIn('arn:aws:s3:::c'), 's3.amazonaws.com', request)).toThrow(AccessDenied);
    expect(() => assertServiceAllowed(letIn('arn:aws:s3:::b'), 'sns.amazonaws.com', request)).toThrow(AccessDenied);
    expect(() => assertServiceAllowed([], 's3.amazonaws.com', request)).toThrow(AccessDenied);
  });
});
