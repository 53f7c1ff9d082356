import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../lib/bundling.ts';
import { ofType, references, synthesise, type Template } from './synthesise.ts';

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
