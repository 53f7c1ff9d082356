/** `npm run openapi`: writes openapi.yaml from the answers' schemas. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openapiDocument } from './openapi.ts';

export const openapiFile = join(import.meta.dirname, '..', '..', 'openapi.yaml');
export const openapiText = (): string =>
  `# Made by \`npm run openapi\` from lambdas/query/answers.ts.\n${stringify(openapiDocument(), { lineWidth: 130, aliasDuplicateObjects: false })}`;

if (process.argv[1] === import.meta.filename) writeFileSync(openapiFile, openapiText());
