import { parse } from 'csv-parse/sync';
import { beforeEach, describe, expect, it } from 'vitest';
import { toCsv } from '../../lambdas/query/csv.ts';
import { ask, paths, queryWorld } from '../fakes/query-world.ts';
import { putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';

let all: ReturnType<typeof queryWorld>;
beforeEach(() => {
  all = queryWorld();
});

describe('tables', () => {
  it.each(paths)('answer %s as CSV', async (path) => {
    putReadStudy(all);
    await all.score('s1');
    const { status, headers, body } = await ask(all, path, {}, 'text/csv');
    expect(status).toBe(200);
    expect(headers?.['content-type']).toMatch(/^text\/csv/);
    const rows: Record<string, string>[] = parse(body, { columns: true });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row['images']).toBe('microscope');
  });

  it('come by ?format=csv as well', async () => {
    putReadStudy(all);
    expect((await ask(all, '/v1/studies', { format: 'csv' })).body).toMatch(/^study,/);
  });

  it('say in every line that images are simulated', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/study.json', studyNotes({ simulated: true }));
    await all.score('s1');
    for (const path of paths) {
      const rows: Record<string, string>[] = parse((await ask(all, path, { format: 'csv' })).body, { columns: true });
      for (const row of rows) expect(row['images'], path).toBe('SIMULATED IMAGES');
    }
  });

  it('do not say that images are of a microscope when nobody says so', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/study.json', '{');
    await all.score('s1');
    for (const path of paths) {
      const rows: Record<string, string>[] = parse((await ask(all, path, { format: 'csv' })).body, { columns: true });
      for (const row of rows) expect(row['images'], path).toBe('unknown');
    }
    expect((await ask(all, '/v1/studies/s1/plates/P1')).json.simulated).toBeNull();
  });

  it.each(['=1+1', '+1', '-1', '@SUM(1)', '\tx', '\rx'])('quote a name that a spreadsheet would run: %j', (name) => {
    const [row] = parse<Record<string, string>>(toCsv([{ name }], ['name'], false), { columns: true });
    expect(row?.['name']).toBe(`'${name}`);
  });

  it('quote names that a spreadsheet would run, and leave negative numbers alone', async () => {
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/platemap.csv', 'well,compound,concentration_uM,role\nB01,=HYPERLINK(0),5,treated');
    putRead(all, { path: 'day7/B01.png' }, { viability: -0.01 });
    const { body } = await ask(all, '/v1/studies/s1/plates/P1/readings', { format: 'csv' });
    expect(body).toContain("'=HYPERLINK(0)");
    expect(body).toContain(',-0.01,');
  });

  it('have columns for interval and distance, empty where a reading has none', async () => {
    putReadStudy(all);
    putRead(all, { path: 'day7/B01.png' }, { halfWidth90: 0.12, domainDistance: 1.4, sharedHalfWidth90: 0.08 });
    const { body } = await ask(all, '/v1/studies/s1/plates/P1/readings', { format: 'csv' });
    const rows: Record<string, string>[] = parse(body, { columns: true });
    const names = ['well', 'halfWidth90', 'domainDistance', 'sharedHalfWidth90'];
    const columns = rows.map((row) => names.map((name) => row[name]));
    expect(columns).toContainEqual(['B01', '0.12', '1.4', '0.08']);
    expect(columns).toContainEqual(['B02', '', '', '']);
  });

  it('tell the next page in a header', async () => {
    putReadStudy(all);
    const { headers } = await ask(all, '/v1/studies/s1/plates/P1/readings', { format: 'csv', limit: '2' });
    expect(headers?.['x-next-cursor']).toEqual(expect.any(String));
  });
});

describe('questions', () => {
  it.each([
    ...['seven', '', ' ', '0x7', '1e1', '7,14', 'NaN', 'Infinity', '-1'].map((day) => ({ day })),
    ...['', '0x7', '1.5', '0', '5000'].map((limit) => ({ limit })),
    { format: 'xml' },
  ])('%j are answered with what is wrong', async (query) => {
    putReadStudy(all);
    const answer = await ask(all, '/v1/studies/s1/plates/P1/readings', query);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain(Object.keys(query)[0]);
  });

  it.each([
    ['application/json', 'json'],
    ['text/csv', 'csv'],
    ['*/*', 'json'],
    ['', 'json'],
    ['text/*', 'csv'],
    ['application/*', 'json'],
    ['text/csv, application/json', 'csv'],
    ['Text/CSV', 'csv'],
    ['text/html, application/json;q=0.9, */*;q=0.8', 'json'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['text/csv;q=0, application/json', 'json'],
    ['application/json;q=0, */*', 'csv'],
    ['text/csv;q=0.1, */*', 'json'],
  ])('by %j are answered in the form that the caller likes best', async (accept, form) => {
    const { headers } = await ask(all, '/v1/studies', {}, accept);
    expect(headers?.['content-type']).toContain(form);
  });

  it.each(['application/xml', 'text/csv;q=0', '*/*;q=0'])('by %j are refused', async (accept) => {
    expect((await ask(all, '/v1/studies', {}, accept)).status).toBe(406);
  });

  it.each([
    ['/v1/studies/s1/plates/P1/readings', /\?limit=/],
    ['/v1/studies/s1/plates/P1', /\?format=csv/],
    ['/v1/studies/s1/compounds/troglitazone', /\?provenance=false/],
  ])('whose answer is too large for Lambda are told how to ask %s for less', async (path, hint) => {
    putReadStudy(all);
    // Every quote counts four times: escaped in the body, and again as the body is escaped in Lambda's answer.
    const reason = '"'.repeat(1000);
    await all.score('s1');
    const item = await all.scores.get('s1', 'compound#troglitazone#day#007');
    const document = JSON.parse(item?.document ?? '');
    document.provenance.leftOut = Array.from({ length: 2600 }, (_, index) => ({ key: `k${index}`, reason }));
    if (item) await all.scores.put('s1', { ...item, document: JSON.stringify(document) });
    for (let index = 0; index < 2600; index += 1)
      putRead(
        all,
        { path: `day7/B01_s${index}.png` },
        { status: 'rejected', rejection: { code: 'c', reason, remedy: '' } },
      );
    const { status, json } = await ask(all, path, path.endsWith('readings') ? { limit: '1000' } : {});
    expect([status, json.detail]).toEqual([413, expect.stringMatching(hint)]);
  });

  it('about a compound that the study does not have name those it has', async () => {
    putReadStudy(all);
    await all.score('s1');
    const { status, json } = await ask(all, '/v1/studies/s1/compounds/aspirin');
    expect([status, json.detail]).toEqual([404, expect.stringContaining('troglitazone')]);
  });

  it('may leave provenance out', async () => {
    putReadStudy(all);
    await all.score('s1');
    const withIt = await ask(all, '/v1/studies/s1/compounds/troglitazone');
    const without = await ask(all, '/v1/studies/s1/compounds/troglitazone', { provenance: 'false' });
    expect(withIt.json.days[0].provenance.readings).toHaveLength(6);
    expect(without.json.days[0]).not.toHaveProperty('provenance');
  });

  it('that fail say so without saying why, and the log has the reason', async () => {
    all.readings.ofPlate = async () => {
      throw new Error('table is away');
    };
    const { status, body } = await ask(all, '/v1/studies/s1/plates/P1');
    expect(status).toBe(500);
    expect(body).not.toContain('table is away');
    expect(all.log.lines.at(-1)?.facts['error']).toEqual(new Error('table is away'));
  });
});
