/** What the commands say of scores, from answers that the API's own handler gave. */
import { describe, expect, it } from 'vitest';
import { diliCommand } from '../../cli/commands/dili.ts';
import { explainCommand } from '../../cli/commands/explain.ts';
import { chartsOf, panelCommand } from '../../cli/commands/panel.ts';
import { ask, queryWorld } from '../fakes/query-world.ts';
import { plateMap, putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';
import { fakeStack } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

/** @param sharedHalfWidth90 that each reading states, if any */
async function scoredStack(sharedHalfWidth90?: number) {
  const world = queryWorld();
  putReadStudy(world);
  if (sharedHalfWidth90 !== undefined)
    for (const reading of [...world.readings.items.values()]) world.readings.set({ ...reading, sharedHalfWidth90 });
  await world.score('s1');
  const paths = ['/v1/studies/s1/dili', '/v1/studies/s1/compounds/troglitazone'];
  const answers = await Promise.all(
    paths.map(async (path) => [path, { body: (await ask(world, path)).json }] as const),
  );
  return fakeStack(Object.fromEntries(answers));
}

describe('nvir dili', () => {
  it('prints margins with intervals, what the AUC shows, and what no verdict covers', async () => {
    await scoredStack();
    const { stdout } = await runCommand(diliCommand(), ['s1']);
    expect(stdout).toMatch(/troglitazone +4 +\d[\d.]* \(\S+ to \S+\)/);
    expect(stdout).toContain('An AUC needs labelled compounds of both classes');
    expect(stdout).toContain('No verdict covers immune');
    expect(stdout).not.toContain('sensitivity');
    expect(stdout).not.toMatch(/\bsafe\b|NaN|undefined/);
  });

  it('prints what the wells alone say beside the whole interval, where the model shares an error', async () => {
    await scoredStack(0.1);
    const { stdout } = await runCommand(diliCommand(), ['s1']);
    const [, low, high, wellsLow, wellsHigh] =
      /troglitazone +4 +[\d.]+ \(([\d.]+) to ([\d.]+)\) +([\d.]+) to ([\d.]+) /.exec(stdout)?.map(Number) ?? [];
    expect(low).toBeLessThan(wellsLow ?? 0);
    expect(high).toBeGreaterThan(wellsHigh ?? Number.POSITIVE_INFINITY);
    expect(stdout).toContain('more wells do not narrow it');
    await scoredStack();
    expect((await runCommand(diliCommand(), ['s1'])).stdout).not.toContain('of wells alone');
  });

  it('prints what thresholds do on reference sets when asked', async () => {
    await scoredStack();
    const { stdout } = await runCommand(diliCommand(), ['s1', '--accuracy']);
    expect(stdout).toContain('published hLiMT IC50s of Proctor 2017');
    expect(stdout).toMatch(/unknown and left out/);
  });
});

describe('nvir explain', () => {
  it('tells the story and lists every image with its version and digest', async () => {
    await scoredStack();
    const { stdout } = await runCommand(explainCommand(), ['s1', 'troglitazone', '--day', '7']);
    expect(stdout).toContain('s1, troglitazone, day 7');
    expect(stdout).toContain('Supported curve: 2PL');
    expect(stdout.match(/exports\/s1\/P1\/day7\/\w+\.png/g)).toHaveLength(6);
    expect(stdout).toMatch(/B03 +treated +100 +0\.200/);
    expect(stdout).not.toMatch(/\bsafe\b|NaN|undefined/);
  });

  it('says what the wells alone would leave, where the model shares an error', async () => {
    await scoredStack(0.1);
    const { stdout } = await runCommand(explainCommand(), ['s1', 'troglitazone']);
    expect(stdout).toMatch(
      /\nWells and controls alone would leave the IC50 [\d.]+ to [\d.]+ µM: more wells narrow that/,
    );
    await scoredStack();
    expect((await runCommand(explainCommand(), ['s1', 'troglitazone'])).stdout).not.toContain('would leave the IC50');
  });

  it('tells the course over the days: IC50 of each, time to half and area of each concentration', async () => {
    const world = queryWorld();
    putReadStudy(world);
    world.bucket.put('exports/s1/study.json', studyNotes({ imagingDays: [3, 7] }));
    const late = [...world.readings.items.values()];
    for (const { path, viability = 1 } of late)
      putRead(world, { path: path.replace('day7', 'day3') }, { viability: (1 + viability) / 2 });
    await world.score('s1');
    const path = '/v1/studies/s1/compounds/troglitazone';
    await fakeStack({ [path]: { body: (await ask(world, path)).json } });
    const { stdout } = await runCommand(explainCommand(), ['s1', 'troglitazone']);
    expect(stdout).toMatch(/\nIC50 by day \(95 %\), µM: day 3 .*; day 7 \d+(\.\d+)?.*\n/);
    expect(stdout).toMatch(/µM +half lost +viability × days +mean\n/);
    // 0.6 on day 3 and 0.2 on day 7: half is lost after a quarter of the time between, and the mean is 0.4.
    expect(stdout).toMatch(/\n *100 +day 4\.0 +1\.60 +0\.40\n/);
    expect(stdout).toMatch(/\n *1 +> day 7 \(last read\) /);
  });

  it('has no table of a course where there was one read', async () => {
    await scoredStack();
    const { stdout } = await runCommand(explainCommand(), ['s1', 'troglitazone']);
    expect(stdout).not.toContain('half lost');
  });

  it('gives the same as JSON', async () => {
    await scoredStack();
    const { stdout } = await runCommand(explainCommand(), ['s1', 'troglitazone', '--json']);
    const told = JSON.parse(stdout);
    expect(told.story[0]).toBe(told.statement);
    expect(told.provenance.readings).toHaveLength(6);
    expect(told.course.days).toEqual([7]);
  });

  it('names the days that there are', async () => {
    await scoredStack();
    await expect(runCommand(explainCommand(), ['s1', 'troglitazone', '--day', '3'])).rejects.toMatchObject({
      name: 'UserError',
      remedy: 'It has days 7.',
    });
  });
});

describe('nvir panel', () => {
  it('charts the reference compounds of all studies, and ends with 1 when the last is off', async () => {
    const world = queryWorld();
    putReadStudy(world);
    world.bucket.put('exports/s1/P1/platemap.csv', plateMap.replaceAll('treated', 'reference'));
    world.bucket.put('exports/s1/study.json', studyNotes({ referencePanel: { troglitazone: [1, 2] } }));
    await world.score('s1');
    const paths = ['/v1/studies', '/v1/studies/s1', '/v1/studies/s1/dili'];
    const answers = await Promise.all(
      paths.map(async (path) => [path, { body: (await ask(world, path)).json }] as const),
    );
    await fakeStack(Object.fromEntries(answers));
    const { stdout, exitCode } = await runCommand(panelCommand(), []);
    expect(stdout).toMatch(/troglitazone, day 7: centre \d+(\.\d)? µM, no control limits below 5 studies/);
    expect(stdout).toMatch(/s1 +\d[\d.]* +1 to 2 +above/);
    expect(exitCode).toBe(1);
  });

  it('mixes neither days nor simulated with real studies', () => {
    const run = { compound: 'x', expected_uM: null, ic50_uM: 5, state: 'unknown' as const, at: '2026', study: 's' };
    const charts = chartsOf([
      { ...run, day: 3, simulated: false },
      { ...run, day: 7, simulated: false },
      { ...run, day: 7, simulated: true },
      { ...run, compound: 'X', day: 7, simulated: true, study: 't' },
    ]);
    expect(charts.map(({ day, simulated, runs }) => [day, simulated, runs.length])).toEqual([
      [3, false, 1],
      [7, false, 1],
      [7, true, 2],
    ]);
  });
});
