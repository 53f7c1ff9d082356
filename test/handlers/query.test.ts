import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { openapiDocument } from '../../lambdas/query/openapi.ts';
import { routes } from '../../lambdas/query/query.ts';
import { openapiFile, openapiText } from '../../lambdas/query/write-openapi.ts';
import { routes as templateRoutes } from '../../lib/api.ts';
import { ask, paths, queryWorld } from '../fakes/query-world.ts';
import { putRead, putReadStudy } from '../fakes/readings.ts';

let all: ReturnType<typeof queryWorld>;
beforeEach(() => {
  all = queryWorld();
});

describe('what people and plate quality decided', () => {
  it('is in the answers: quality of each plate read, wells that count, who excluded, who locked', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/exclusions.csv', 'plate,well,name,reason\nP1,B02,Ada,odd\n');
    await all.score('s1');
    const lock = { name: 'Ben', reason: 'report 7', at: '2026-03-10T09:00:00Z' };
    all.bucket.put('exports/s1/lock.json', JSON.stringify({ locked: true, ...lock }));
    const { json: plate } = await ask(all, '/v1/studies/s1/plates/P1');
    expect(plate.reads[0].quality).toMatchObject({
      verdict: 'accept',
      wells: 5,
      leftOut: [{ well: 'B02', reason: 'excluded by Ada: odd' }],
    });
    const { json: study } = await ask(all, '/v1/studies/s1');
    expect(study.plates[0].reads[0].quality).toBe('accept');
    expect(study.lock).toEqual(lock);
    const { json: ranking } = await ask(all, '/v1/studies/s1/dili');
    expect(ranking.compounds[0].wells).toEqual({ counted: 3, leftOut: 1 });
    for (const path of ['dili', 'compounds/troglitazone']) {
      const { body } = await ask(all, `/v1/studies/s1/${path}`, { format: 'csv' });
      const [row]: Record<string, string>[] = parseCsv(body, { columns: true });
      expect(row).toMatchObject({ wells: '3', wellsLeftOut: '1' });
    }
    const { json: score } = await ask(all, '/v1/studies/s1/compounds/troglitazone');
    expect(score.days[0].provenance).toMatchObject({
      normalisation: 'vehicle-plate',
      notes: { exclusions: expect.any(String) },
      leftOut: [{ key: 'exports/s1/P1/day7/B02.png', reason: 'excluded by Ada: odd' }],
    });
  });
});

describe('a lock that cannot be read', () => {
  it('is told beside the scores that it holds', async () => {
    putReadStudy(all);
    await all.score('s1');
    all.bucket.put('exports/s1/lock.json', '{');
    const { json: study } = await ask(all, '/v1/studies/s1');
    expect(study.lock).toEqual({ name: null, reason: expect.stringContaining('lock.json: is not JSON'), at: null });
    expect(study.problems.join()).toMatch(/lock\.json: is not JSON.*scores stay as they stand/);
  });
});

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
      const { status, routeKey, json } = await ask(all, path);
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
    expect((await ask(all, '/v1/studies/s1')).json).toMatchObject({
      scoredAt: null,
      unknown: expect.stringMatching(/not been scored/),
    });
    expect((await ask(all, '/v1/studies/s1/dili')).json).toMatchObject({ compounds: [], unknown: expect.any(String) });
    expect((await ask(all, '/v1/studies/s1/compounds/x')).json).toMatchObject({
      days: [],
      unknown: expect.any(String),
    });
  });

  it('that an older version scored is unknown until it is scored anew, in whatever form it lies there', async () => {
    putReadStudy(all);
    await all.score('s1');
    for (const [key, item] of all.scores.items)
      if (!key.includes('plate#')) all.scores.items.set(key, { ...item, document: '{"scoringVersion":"1"}' });
    for (const path of ['/v1/studies', '/v1/studies/s1', '/v1/studies/s1/compounds/troglitazone'])
      expect((await ask(all, path)).status).toBe(200);
    const { json } = await ask(all, '/v1/studies/s1/dili', { day: '7' });
    expect(json).toMatchObject({ compounds: [], unknown: expect.stringMatching(/in the form that is now read/) });
  });

  it('that is not there is not found', async () => {
    const { status, headers, json } = await ask(all, '/v1/studies/nobody');
    expect(status).toBe(404);
    expect(headers?.['content-type']).toBe('application/problem+json');
    expect(json).toMatchObject({ status: 404, title: 'Not Found', detail: expect.stringContaining('nobody') });
  });

  it('shows plates, days and what a person should mend', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P2/platemap.csv', 'well\nA01');
    await all.score('s1');
    const { json } = await ask(all, '/v1/studies/s1');
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
      const { json } = await ask(all, '/v1/studies/s1/plates/P1/readings', {
        limit: '4',
        ...(cursor ? { cursor } : {}),
      });
      found.push(...json.readings.map(({ path }: { path: string }) => path));
      cursor = json.nextCursor ?? undefined;
    } while (cursor);
    expect(found).toEqual(['A01', 'A02', 'B01', 'B02', 'B03', 'B04'].map((well) => `day7/${well}.png`));
  });

  it('of studies do, too', async () => {
    for (const study of ['s1', 's2', 's3']) putReadStudy(all, study);
    const first = await ask(all, '/v1/studies', { limit: '2' });
    const second = await ask(all, '/v1/studies', { limit: '2', cursor: first.json.nextCursor });
    expect([first, second].map(({ json }) => json.studies.length)).toEqual([2, 1]);
    expect(second.json.nextCursor).toBeNull();
  });

  it.each(['abc', '{}', '{"after":5}', 'null', '{"after":null}'])('refuse a cursor that is none: %s', async (text) => {
    putReadStudy(all);
    for (const cursor of [text, Buffer.from(text).toString('base64url')])
      expect((await ask(all, '/v1/studies', { cursor })).status).toBe(400);
  });
});

describe('readings', () => {
  it('say where each belongs and what is in its well', async () => {
    putReadStudy(all);
    const { json } = await ask(all, '/v1/studies/s1/plates/P1/readings');
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

  it('tell interval and distance of those that have them, by plate and by well', async () => {
    putReadStudy(all);
    const numbers = { halfWidth90: 0.12, domainDistance: 1.4, sharedHalfWidth90: 0.08 };
    putRead(all, { path: 'day7/B01.png' }, { viability: 0.9, ...numbers });
    const { json } = await ask(all, '/v1/studies/s1/plates/P1/readings');
    expect(json.readings[2]).toMatchObject(numbers);
    for (const name of Object.keys(numbers)) expect(json.readings[3]).not.toHaveProperty(name);
    const well = await ask(all, '/v1/studies/s1/plates/P1/wells/B01');
    expect(well.json.series[0].readings).toMatchObject([numbers]);
  });

  it('of one day are asked for by day', async () => {
    putReadStudy(all);
    putRead(all, { path: 'day14/A01.png' });
    const { json } = await ask(all, '/v1/studies/s1/plates/P1/readings', { day: '14' });
    expect(json.readings.map(({ path }: { path: string }) => path)).toEqual(['day14/A01.png']);
  });

  it('follow notes that were corrected, at once', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/platemap.csv', 'well,compound,concentration_uM,role\nB01,aspirin,5,treated');
    const { json } = await ask(all, '/v1/studies/s1/plates/P1/wells/B1');
    expect(json).toMatchObject({
      well: 'B01',
      compound: 'aspirin',
      concentration_uM: 5,
      series: [{ day: 7, viability: 0.98 }],
    });
  });
});
