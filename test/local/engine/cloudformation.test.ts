// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub has its placeholders in plain strings.
import { describe, expect, test } from 'vitest';
import { physicalName } from '../../../local/cloudformation/names.ts';
import { creationOrder } from '../../../local/cloudformation/order.ts';
import { createStack, type ResourceRequest } from '../../../local/cloudformation/stack.ts';

const identity = { stackName: 'Stack', region: 'us-east-1', accountId: '000000000000' };

/** Creates a stack whose resources answer their own names, and says with which properties each was made. */
async function run(template: object) {
  const requests: ResourceRequest[] = [];
  const outputs = await createStack(template, identity, async (request) => {
    requests.push(request);
    return { ref: `ref-${request.logicalId}`, attributes: { Arn: `arn-${request.logicalId}`, 'A.B': 'nested' } };
  });
  return { outputs, requests, properties: Object.fromEntries(requests.map((one) => [one.logicalId, one.properties])) };
}

const resource = (Properties: object, rest: object = {}) => ({ Type: 'T', Properties, ...rest });

describe('intrinsic functions', () => {
  test.each([
    [{ Ref: 'A' }, 'ref-A'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'Size' }, 'small'],
    [{ 'Fn::GetAtt': ['A', 'Arn'] }, 'arn-A'],
    [{ 'Fn::GetAtt': 'A.Arn' }, 'arn-A'],
    [{ 'Fn::GetAtt': ['A', 'A.B'] }, 'nested'],
    [{ 'Fn::Join': ['-', ['x', { Ref: 'A' }, 3]] }, 'x-ref-A-3'],
    [{ 'Fn::Sub': 'a:${AWS::AccountId}:${A}:${A.Arn}:${!Literal}' }, 'a:000000000000:ref-A:arn-A:${Literal}'],
    [{ 'Fn::Sub': ['${V}/${A}', { V: { Ref: 'Size' } }] }, 'small/ref-A'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::If': ['Yes', 1, 2] }, 1],
    [{ 'Fn::If': ['No', 1, { 'Fn::If': ['Yes', 'in', 'out'] }] }, 'in'],
    [{ 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'size'] }, 7],
    [
      [1, { Ref: 'AWS::NoValue' }, 2],
      [1, 2],
    ],
  ])('%j is %j', async (value, expected) => {
    const { properties } = await run({
      Parameters: { Size: { Type: 'String', Default: 'small' } },
      Mappings: { Map: { 'us-east-1': { size: 7 } } },
      Conditions: {
        Yes: { 'Fn::Equals': [{ Ref: 'Size' }, 'small'] },
        No: { 'Fn::Not': [{ Condition: 'Yes' }] },
      },
      Resources: { A: resource({}), B: resource({ Value: value }) },
    });
    expect(properties.B?.Value).toEqual(expected);
  });

  test('leaves out what is AWS::NoValue, keeps a policy block that is called Condition', async () => {
    const { properties } = await run({
      Resources: { A: resource({ Gone: { Ref: 'AWS::NoValue' }, One: { Condition: { Bool: { x: 'true' } } } }) },
    });
    expect(properties.A).toEqual({ One: { Condition: { Bool: { x: 'true' } } } });
  });

  test.each([
    [{ 'Fn::ImportValue': 'x' }, /Fn::ImportValue is not known/],
    [{ Ref: 'Nobody' }, /refers to Nobody/],
    [{ 'Fn::GetAtt': ['A', 'Nothing'] }, /attribute Nothing of A/],
  ])('%j is an error that names the resource', async (value, message) => {
    const created = run({ Resources: { A: resource({}), B: resource({ Value: value }) } });
    await expect(created).rejects.toThrow(message);
    await expect(created).rejects.toThrow(/^B \(T\)/);
  });
});

describe('resources', () => {
  test('are created after what they refer to or depend on', async () => {
    const { requests } = await run({
      Resources: {
        A: resource({ x: { 'Fn::Sub': 'to ${B}' } }),
        B: resource({ x: { 'Fn::GetAtt': ['C', 'Arn'] } }),
        C: resource({}, { DependsOn: 'D' }),
        D: resource({}),
      },
    });
    expect(requests.map((one) => one.logicalId)).toEqual(['D', 'C', 'B', 'A']);
  });

  test('are left out when their condition is false', async () => {
    const { requests, outputs } = await run({
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { A: resource({}), B: resource({}, { Condition: 'Never' }) },
      Outputs: { A: { Value: { Ref: 'A' } }, B: { Value: 'x', Condition: 'Never' } },
    });
    expect(requests.map((one) => one.logicalId)).toEqual(['A']);
    expect(outputs).toEqual({ A: 'ref-A' });
  });

  test('in a circle are an error that shows it', () => {
    const circle = { A: { Ref: 'B' }, B: { Ref: 'A' } };
    const resources = Object.fromEntries(
      Object.entries(circle).map(([name, x]) => [name, { Type: 'T', Properties: { x }, DependsOn: [] }]),
    );
    expect(() => creationOrder(resources)).toThrow('A → B → A');
  });
});

test('physical names are stable, unique and short enough', () => {
  const long = 'L'.repeat(200);
  expect(physicalName('Stack', 'Bucket')).toBe(physicalName('Stack', 'Bucket'));
  expect(physicalName('Stack', `${long}1`)).not.toBe(physicalName('Stack', `${long}2`));
  expect(physicalName('Stack', long)).toHaveLength(63);
});
