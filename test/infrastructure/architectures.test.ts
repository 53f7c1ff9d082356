import { expect, it } from 'vitest';
import { ofType, synthesise, type Template } from './synthesise.ts';

/** The template with the functions' processors and the hashes of their code taken out. */
function neutral(template: Template): Template {
  const copy = structuredClone(template);
  for (const resource of Object.values(copy.Resources)) {
    if (resource.Type !== 'AWS::Lambda::Function') continue;
    delete resource.Properties.Architectures;
    delete (resource.Properties.Code as { S3Key?: string }).S3Key;
  }
  return copy;
}

it('the template that runs here equals the one that is deployed, but for processor and hashes of the code', () => {
  const deployed = synthesise({ architecture: 'arm64' });
  const local = synthesise({ architecture: 'x86_64', bundleFor: 'host' });
  expect(neutral(local)).toEqual(neutral(deployed));
  for (const { Properties } of ofType(deployed, 'AWS::Lambda::Function'))
    expect(Properties.Architectures).toEqual(['arm64']);
  for (const { Properties } of ofType(local, 'AWS::Lambda::Function'))
    expect(Properties.Architectures).toEqual(['x86_64']);
});
