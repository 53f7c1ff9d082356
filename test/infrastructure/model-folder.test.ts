/** Which weights a deployment carries: the shipped ones, or those of a folder by context. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ofType, one, synthesise } from './synthesise.ts';

const container = join(import.meta.dirname, '..', '..', 'model-container');
const primarySchema = z.object({ Image: z.unknown(), ModelDataUrl: z.unknown() });
const primaryOf = (context: Readonly<Record<string, unknown>>): z.infer<typeof primarySchema> =>
  primarySchema.parse(one(ofType(synthesise(context), 'AWS::SageMaker::Model')).Properties.PrimaryContainer);

it('is told by modelFolder, which changes the weights and not the container', { timeout: 60_000 }, () => {
  const shipped = primaryOf({});
  expect(primaryOf({ modelFolder: join(container, 'model') })).toEqual(shipped);
  const other = primaryOf({ modelFolder: join(container, 'contract', 'recalibration', 'recalibrated') });
  expect(other.ModelDataUrl).not.toEqual(shipped.ModelDataUrl);
  expect(other.Image).toEqual(shipped.Image);
});

it('names a folder that holds no model', { timeout: 60_000 }, () => {
  expect(() => synthesise({ modelFolder: join(container, 'contract') })).toThrow(
    /contract has no model\.json: export the model again/,
  );
});
