#!/usr/bin/env node
/**
 * Two real syntheses, bundles included: equal but for the functions' processor and the hash of what holds native code.
 * The tests prove it without bundling; this proves it of what would be deployed.
 *
 * Usage: compare-architectures.mjs DEPLOYED/Nvir.template.json LOCAL/Nvir.template.json
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const [deployed, local] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const differing = [];
for (const [id, resource] of Object.entries(deployed.Resources)) {
  const other = local.Resources[id];
  if (resource.Type !== 'AWS::Lambda::Function') continue;
  assert.deepEqual(resource.Properties.Architectures, ['arm64']);
  if (resource.Properties.Code.S3Key !== other.Properties.Code.S3Key) differing.push(id);
  for (const { Properties } of [resource, other]) {
    delete Properties.Architectures;
    delete Properties.Code.S3Key;
  }
}
// The CLI notes where an asset lies; a direct synthesis does not.
for (const { Resources } of [deployed, local])
  for (const resource of Object.values(Resources)) delete resource.Metadata;
assert.deepEqual(local, deployed);
assert.equal(differing.length, 1, `only preprocess carries native code, but these differ: ${differing}`);
assert.match(differing[0], /Preprocess/);
console.log('templates: equal but for the processor, and the native code of preprocess');
