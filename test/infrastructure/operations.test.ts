import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../lib/bundling.ts';
import { ofType, one, references, synthesise, type Template } from './synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

it('keeps logs for a stated time', () => {
  for (const group of ofType(template, 'AWS::Logs::LogGroup'))
    expect(group.Properties.RetentionInDays, group.logicalId).toBeGreaterThan(0);
  for (const { Properties } of ofType(template, 'AWS::Lambda::Function'))
    expect(references(Properties.LoggingConfig)).toHaveLength(1);
});

/** Major version of CUDA that a host image's driver takes; SageMaker's own choice for ml.g4dn takes 11. */
const TAKES_CUDA: Readonly<Record<string, number>> = { 'al2-ami-sagemaker-inference-gpu-3-1': 12 };

it('runs the model on a host whose driver takes the container’s CUDA', () => {
  const { ProductionVariants } = one(ofType(template, 'AWS::SageMaker::EndpointConfig')).Properties;
  const [variant] = ProductionVariants as { InferenceAmiVersion?: string }[];
  const packages = readFileSync(join(projectRoot, 'model-container/requirements-serve.txt'), 'utf8');
  const cuda = Number(/^nvidia-cuda-runtime-cu(\d+)==/m.exec(packages)?.[1]);
  expect(TAKES_CUDA[variant?.InferenceAmiVersion ?? '']).toBe(cuda);
});

describe('alarms', () => {
  it('watch every queue that keeps failures and every function', () => {
    const watched = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(({ Properties }) =>
      references(Properties.Dimensions),
    );
    // Queues are watched by name (Fn::GetAtt QueueName); those that only keep failures take no redrive policy.
    const kept = ofType(template, 'AWS::SQS::Queue').filter(({ Properties }) => !Properties.RedrivePolicy);
    for (const { logicalId } of [...kept, ...ofType(template, 'AWS::Lambda::Function')])
      expect(watched).toContain(logicalId);
  });

  it('link to a section of the runbook, and tell somebody', () => {
    const runbook = readFileSync(join(projectRoot, 'docs/runbook.md'), 'utf8');
    const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    for (const { Properties } of ofType(template, 'AWS::CloudWatch::Alarm')) {
      const section = /docs\/runbook\.md#(\S+)$/.exec(String(Properties.AlarmDescription))?.[1];
      expect(sections).toContain(section);
      expect(references(Properties.AlarmActions).join()).toMatch(/AlarmTopic/);
    }
  });
});
