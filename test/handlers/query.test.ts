import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { parse } from 'csv-parse/sync';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseReference } from '../../lambdas/domain/reference.ts';
import { openapiDocument } from '../../lambdas/query/openapi.ts';
import { makeHandler, routes } from '../../lambdas/query/query.ts';
import { openapiFile, openapiText } from '../../lambdas/query/write-openapi.ts';
import { makeHandler as makeScore } from '../../lambdas/score/score.ts';
import { routes as templateRoutes } from '../../lib/api.ts';
import { projectRoot } from '../../lib/bundling.ts';
import { sqsEvent } from '../fakes/events.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings, FakeScores } from '../fakes/fake-tables.ts';
import { FakeAnnouncer, FakeLog, fixedNow } from '../fakes/fakes.ts';
import { putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';

const reference = parseReference(readFileSync(join(projectRoot, 'reference/compounds.csv'), 'utf8'));

function world() {
  const deps = { bucket: new FakeBucket(), readings: new FakeReadings(), scores: new FakeScores(), log: new FakeLog() };
  const score = makeScore({ ...deps, announcer: new FakeAnnouncer(), reference, now: fixedNow });
  const handler = makeHandler(deps);
  return { ...deps, score: (study: string) => score(sqsEvent([{ kind: 'score', study }])), handler };
}
let all: ReturnType<typeof world>;
beforeEach(() => {
  all = world();
});

/** Asks as API Gateway does. */
async function ask(path: string, query: Record<string, string> = {}, accept = 'application/json') {
  const routeKey = Object.keys(routes).find((key) => matches(key, path)) ?? 'GET /none';
  const names = [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = new RegExp(`^${pattern(routeKey)}$`).exec(path)?.slice(1) ?? [];
  const event = {
    routeKey,
    rawPath: path,
    headers: { accept },
    queryStringParameters: query,
    pathParameters: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')])),
  };
  const answer = await all.handler(event as unknown as APIGatewayProxyEventV2);
  const body = answer.body ?? '';
  const isJson = String(answer.headers?.['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    routeKey,
    body,
    json: isJson ? JSON.parse(body) : undefined,
  };
}
const pattern = (routeKey: string) => routeKey.replace('GET ', '').replaceAll(/\{\w+\}/g, '([^/]+)');
const matches = (routeKey: string, path: string) => new RegExp(`^${pattern(routeKey)}$`).test(path);

const paths = [
  '/v1/studies',
  '/v1/studies/s1',
  '/v1/studies/s1/plates/P1',
  '/v1/studies/s1/plates/P1/readings',
  '/v1/studies/s1/plates/P1/wells/b1',
  '/v1/studies/s1/compounds/Troglitazone',
  '/v1/studies/s1/dili',
];

describe('openapi.yaml', () => {
  it('is what the schemas make of it (npm run openapi)', () => {
    expect(readFileSync(openapiFile, 'utf8')).toBe(openapiText());
  });

  it('is valid OpenAPI', async () => {
    expect(await new Validator().validate(openapiDocument())).toMatchObject({ valid: true });
  });

  it('has the routes of the template and of the handler', () => {
    const documented = Object.keys(parseYaml(openapiText()).paths).sort();
    expect(documented).toEqual([...templateRoutes].sort());
    expect(
      Object.keys(routes)
        .map((key) => key.replace('GET ', ''))
        .sort(),
    ).toEqual(documented);
  });

  it.each(paths)('describes the answer to %s', async (path) => {
    const ajv = new Ajv2020({ strict: false });
    const document = openapiDocument();
    ajv.addSchema(document, 'openapi');
    const check = async () => {
      const { status, routeKey, json } = await ask(path);
      expect(status).toBe(200);
      const pointer = `openapi#/paths/${routeKey.replace('GET ', '').replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`;
      const valid = ajv.getSchema(encodeURI(pointer));
      expect(valid?.(json), JSON.stringify(valid?.errors)).toBe(true);
    };
    putReadStudy(all);
    putRead(
      all,
      { path: 'day7/C01.png' },
      { status: 'rejected', rejection: { code: 'corrupt', reason: 'cut', remedy: 'again' } },
    );
    await all.score('s1');
    await check();
    all.scores.items.clear();
    await check();
  });
});

describe('a study', () => {
  it('that was never scored is unknown, with the reason', async () => {
    putReadStudy(all);
    expect((await ask('/v1/studies/s1')).json).toMatchObject({
      scoredAt: null,
      unknown: expect.stringMatching(/not been scored/),
    });
    expect((await ask('/v1/studies/s1/dili')).json).toMatchObject({ compounds: [], unknown: expect.any(String) });
    expect((await ask('/v1/studies/s1/compounds/x')).json).toMatchObject({ days: [], unknown: expect.any(String) });
  });

  it('that is not there is not found', async () => {
    const { status, headers, json } = await ask('/v1/studies/nobody');
    expect(status).toBe(404);
    expect(headers?.['content-type']).toBe('application/problem+json');
    expect(json).toMatchObject({ status: 404, title: 'Not Found', detail: expect.stringContaining('nobody') });
  });

  it('shows plates, days and what a person should mend', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P2/platemap.csv', 'well\nA01');
    await all.score('s1');
    const { json } = await ask('/v1/studies/s1');
    expect(json).toMatchObject({
      cellModel: 'hepg2',
      imagingDays: [7],
      days: [{ day: 7, compounds: ['troglitazone'] }],
    });
    expect(json.plates.map(({ plate }: { plate: string }) => plate)).toEqual(['P1', 'P2']);
    expect(json.problems).toEqual([expect.stringContaining('exports/s1/P2/platemap.csv')]);
  });
});

describe('pages', () => {
  it('of readings follow one another by cursor, without gap or overlap', async () => {
    putReadStudy(all);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { json } = await ask('/v1/studies/s1/plates/P1/readings', { limit: '4', ...(cursor ? { cursor } : {}) });
      found.push(...json.readings.map(({ path }: { path: string }) => path));
      cursor = json.nextCursor ?? undefined;
    } while (cursor);
    expect(found).toEqual(['A01', 'A02', 'B01', 'B02', 'B03', 'B04'].map((well) => `day7/${well}.png`));
  });

  it('of studies do, too', async () => {
    for (const study of ['s1', 's2', 's3']) putReadStudy(all, study);
    const first = await ask('/v1/studies', { limit: '2' });
    const second = await ask('/v1/studies', { limit: '2', cursor: first.json.nextCursor });
    expect([first, second].map(({ json }) => json.studies.length)).toEqual([2, 1]);
    expect(second.json.nextCursor).toBeNull();
  });

  it('refuse a cursor that is none', async () => {
    putReadStudy(all);
    expect((await ask('/v1/studies', { cursor: 'abc' })).status).toBe(400);
  });
});

describe('readings', () => {
  it('say where each belongs and what is in its well', async () => {
    putReadStudy(all);
    const { json } = await ask('/v1/studies/s1/plates/P1/readings');
    expect(json.readings[2]).toMatchObject({
      well: 'B01',
      day: 7,
      compound: 'troglitazone',
      concentration_uM: 1,
      role: 'treated',
      viability: 0.98,
      placement: 'used',
    });
  });

  it('of one day are asked for by day', async () => {
    putReadStudy(all);
    putRead(all, { path: 'day14/A01.png' });
    const { json } = await ask('/v1/studies/s1/plates/P1/readings', { day: '14' });
    expect(json.readings.map(({ path }: { path: string }) => path)).toEqual(['day14/A01.png']);
  });

  it('follow notes that were corrected, at once', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/platemap.csv', 'well,compound,concentration_uM,role\nB01,aspirin,5,treated');
    const { json } = await ask('/v1/studies/s1/plates/P1/wells/B1');
    expect(json).toMatchObject({
      well: 'B01',
      compound: 'aspirin',
      concentration_uM: 5,
      series: [{ day: 7, viability: 0.98 }],
    });
  });
});

describe('tables', () => {
  it.each(paths)('answer %s as CSV', async (path) => {
    putReadStudy(all);
    await all.score('s1');
    const { status, headers, body } = await ask(path, {}, 'text/csv');
    expect(status).toBe(200);
    expect(headers?.['content-type']).toMatch(/^text\/csv/);
    const rows: Record<string, string>[] = parse(body, { columns: true });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row['images']).toBe('microscope');
  });

  it('come by ?format=csv as well', async () => {
    putReadStudy(all);
    expect((await ask('/v1/studies', { format: 'csv' })).body).toMatch(/^study,/);
  });

  it('say in every line that images are simulated', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/study.json', studyNotes({ simulated: true }));
    await all.score('s1');
    for (const path of paths) {
      const rows: Record<string, string>[] = parse((await ask(path, { format: 'csv' })).body, { columns: true });
      for (const row of rows) expect(row['images'], path).toBe('SIMULATED IMAGES');
    }
  });

  it('quote names that a spreadsheet would run, and leave negative numbers alone', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/platemap.csv', 'well,compound,concentration_uM,role\nB01,=HYPERLINK(0),5,treated');
    putRead(all, { path: 'day7/B01.png' }, { viability: -0.01 });
    const { body } = await ask('/v1/studies/s1/plates/P1/readings', { format: 'csv' });
    expect(body).toContain("'=HYPERLINK(0)");
    expect(body).toContain(',-0.01,');
  });

  it('tell the next page in a header', async () => {
    putReadStudy(all);
    const { headers } = await ask('/v1/studies/s1/plates/P1/readings', { format: 'csv', limit: '2' });
    expect(headers?.['x-next-cursor']).toEqual(expect.any(String));
  });
});

describe('questions', () => {
  it.each([
    [{ day: 'seven' }, 400],
    [{ limit: '0' }, 400],
    [{ limit: '5000' }, 400],
    [{ format: 'xml' }, 400],
  ])('%j are answered with what is wrong', async (query, status) => {
    putReadStudy(all);
    const answer = await ask('/v1/studies/s1/plates/P1/readings', query);
    expect(answer.status).toBe(status);
    expect(answer.json.detail).toContain(Object.keys(query)[0]);
  });

  it('for neither JSON nor CSV are refused', async () => {
    expect((await ask('/v1/studies', {}, 'application/xml')).status).toBe(406);
  });

  it('about a compound that the study does not have name those it has', async () => {
    putReadStudy(all);
    await all.score('s1');
    const { status, json } = await ask('/v1/studies/s1/compounds/aspirin');
    expect([status, json.detail]).toEqual([404, expect.stringContaining('troglitazone')]);
  });

  it('may leave provenance out', async () => {
    putReadStudy(all);
    await all.score('s1');
    const withIt = await ask('/v1/studies/s1/compounds/troglitazone');
    const without = await ask('/v1/studies/s1/compounds/troglitazone', { provenance: 'false' });
    expect(withIt.json.days[0].provenance.readings).toHaveLength(6);
    expect(without.json.days[0]).not.toHaveProperty('provenance');
  });

  it('that fail say so without saying why, and the log has the reason', async () => {
    all.readings.ofPlate = async () => {
      throw new Error('table is away');
    };
    const { status, body } = await ask('/v1/studies/s1/plates/P1');
    expect(status).toBe(500);
    expect(body).not.toContain('table is away');
    expect(all.log.lines.at(-1)?.facts['error']).toEqual(new Error('table is away'));
  });
});
