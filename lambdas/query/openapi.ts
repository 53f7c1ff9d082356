/** openapi.yaml, made of the answers' schemas, so that the two cannot part. */
import { z } from 'zod';
import {
  compoundAnswer,
  plateAnswer,
  problemAnswer,
  rankingAnswer,
  readingsAnswer,
  studiesAnswer,
  studyAnswer,
  wellAnswer,
} from './answers.ts';

interface Operation {
  id: string;
  summary: string;
  answer: z.ZodType;
  /** Names of its query parameters. */
  query: readonly (keyof typeof queryParameters)[];
}

const queryParameters = {
  day: { description: 'Nominal imaging day', schema: { type: 'number' } },
  limit: { description: 'Entries a page', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 500 } },
  cursor: { description: 'nextCursor of the page before', schema: { type: 'string' } },
  provenance: {
    description: 'Whether to say what the score was made from',
    schema: { type: 'string', enum: ['true', 'false'], default: 'true' },
  },
  format: {
    description: 'As the Accept header, for those who cannot set it',
    schema: { type: 'string', enum: ['json', 'csv'] },
  },
} as const;

const pathParameters = {
  study: 'Folder below exports/',
  plate: 'Folder below the study',
  well: 'A1, a01 and A01 are the same well',
  compound: 'Case, spaces and hyphens do not matter',
} as const;

/** By the template's route keys, like the handler's own routes. */
const operations: Readonly<Record<string, Operation>> = {
  'GET /v1/studies': {
    id: 'listStudies',
    summary: 'All studies',
    answer: studiesAnswer,
    query: ['limit', 'cursor', 'format'],
  },
  'GET /v1/studies/{study}': {
    id: 'getStudy',
    summary: 'A study: its notes, days, plates, and what a person should mend',
    answer: studyAnswer,
    query: ['format'],
  },
  'GET /v1/studies/{study}/plates/{plate}': {
    id: 'getPlate',
    summary: 'A plate as it now stands: map, plate reads, absent wells, rejected images',
    answer: plateAnswer,
    query: ['format'],
  },
  'GET /v1/studies/{study}/plates/{plate}/readings': {
    id: 'listReadings',
    summary: 'Readings of a plate, with their place',
    answer: readingsAnswer,
    query: ['day', 'limit', 'cursor', 'format'],
  },
  'GET /v1/studies/{study}/plates/{plate}/wells/{well}': {
    id: 'getWell',
    summary: 'A well over the days',
    answer: wellAnswer,
    query: ['format'],
  },
  'GET /v1/studies/{study}/compounds/{compound}': {
    id: 'getCompound',
    summary: 'A compound: per day its curve, margin of safety, verdict and provenance',
    answer: compoundAnswer,
    query: ['provenance', 'format'],
  },
  'GET /v1/studies/{study}/dili': {
    id: 'getRanking',
    summary: 'The ranking of a day, riskiest compound first',
    answer: rankingAnswer,
    query: ['day', 'format'],
  },
};

export function openapiDocument(): Record<string, unknown> {
  const schemas: Record<string, unknown> = {};
  const reference = (schema: z.ZodType): { $ref: string } => {
    const { $defs = {} } = pointed(z.toJSONSchema(schema, { io: 'output' }));
    Object.assign(schemas, $defs);
    return { $ref: `#/components/schemas/${schema.meta()?.id}` };
  };
  const paths = Object.fromEntries(
    Object.entries(operations).map(([route, operation]) => [
      route.replace('GET ', ''),
      { get: operationObject(route, operation, reference) },
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'NViR Pipeline',
      version: '1.0.0',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Readings, scores and rankings. Units stand in names. A missing score is unknown with its reason; no answer ever says that a drug is harmless.',
    },
    servers: [{ url: '{api}', variables: { api: { default: 'http://127.0.0.1:4511' } } }],
    security: [{ aws: [] }],
    paths,
    components: {
      securitySchemes: {
        aws: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description:
            'AWS Signature Version 4 of the service execute-api; or a bearer token where the stack has a JWT issuer',
        },
      },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operationObject(route: string, operation: Operation, reference: (schema: z.ZodType) => { $ref: string }) {
  const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name as keyof typeof pathParameters);
  const problem = { 'application/problem+json': { schema: reference(problemAnswer) } };
  return {
    operationId: operation.id,
    summary: operation.summary,
    parameters: [
      ...inPath.map((name) => ({
        name,
        in: 'path',
        required: true,
        description: pathParameters[name],
        schema: { type: 'string' },
      })),
      ...operation.query.map((name) => ({ name, in: 'query', ...queryParameters[name] })),
    ],
    responses: {
      200: {
        description: 'Here it is',
        content: {
          'application/json': { schema: reference(operation.answer) },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      400: { description: 'The question is not one', content: problem },
      404: { description: 'There is no such thing', content: problem },
      406: { description: 'Neither JSON nor CSV was asked for', content: problem },
      413: { description: 'The answer would be too large', content: problem },
      500: { description: 'Our fault', content: problem },
    },
  };
}

/** JSON Schema's own definitions, pointed at the document's components instead. */
function pointed(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/$defs/', '#/components/schemas/')) as Record<string, unknown>;
}
