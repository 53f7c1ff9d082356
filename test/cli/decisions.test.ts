/** `nvir exclude`, `include`, `lock`, `unlock` and `quality` against the local bucket and an API that says what it is told to. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { excludeCommand, includeCommand } from '../../cli/commands/exclude.ts';
import { lockCommand, unlockCommand } from '../../cli/commands/lock.ts';
import { qualityCommand } from '../../cli/commands/quality.ts';
import { excludedOn, parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { plateQuality } from '../../lambdas/domain/plate-quality/index.ts';
import { vehicleColumn } from '../domain/plate-quality/wells.ts';
import { fakeStack, studyState } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

const WHO = ['--name', 'Ada', '--reason', 'a fibre, and "dry"'];

async function stackOf(scoredAt: string | null = '2026-03-10T09:00:00Z', lock: object | null = null) {
  const wells = vehicleColumn(0.4, 1, 1.8, 0.5, 1.5, 0.9);
  const quality = plateQuality({ wells, used: wells, excluded: new Map(), positiveControls: [] });
  const read = {
    complete: true,
    expectedWells: 6,
    imagedWells: 6,
    absentWells: [],
    rejected: [],
    superseded: 0,
    usable: 6,
  };
  const stack = await fakeStack({
    '/v1/studies/s': { body: { ...studyState('s', ['P1']), scoredAt, lock } },
    '/v1/studies/s/plates/P1': {
      body: {
        study: 's',
        plate: 'P1',
        simulated: false,
        hasMap: true,
        map: [{ well: 'B03' }],
        reads: [{ day: 7, ...read, firstTakenAt: '', lastTakenAt: '', quality }],
        unplaced: [],
        problems: [],
      },
    },
  });
  const s3 = new S3Client(stack.aws.options);
  const text = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'exports', Key }));
    return Body?.transformToString() ?? '';
  };
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'exports', Key, Body }));
  return { text, put };
}

it('exclude adds a row and include another: both stay, the last counts', async () => {
  const { text } = await stackOf();
  const key = 'exports/s/exclusions.csv';
  await runCommand(excludeCommand(), ['s', 'P1', 'b3', ...WHO]);
  const excluded = parseExclusions(await text(key), key);
  expect(excludedOn(excluded, 'P1', 7).get('B03')).toMatch(/^excluded by Ada \(2.*\): a fibre, and "dry"$/);
  await runCommand(includeCommand(), ['s', 'P1', 'B03', '--day', '7', ...WHO]);
  const both = parseExclusions(await text(key), key);
  expect(both).toHaveLength(2);
  expect([excludedOn(both, 'P1', 7).size, excludedOn(both, 'P1', 3).size]).toEqual([0, 1]);
});

it('exclude refuses a well that the map does not have, and writes over no file that it cannot read', async () => {
  const { text, put } = await stackOf();
  await expect(runCommand(excludeCommand(), ['s', 'P1', 'C09', ...WHO])).rejects.toThrow(/no well C09/);
  await put('exports/s/exclusions.csv', 'well,why\nB03,odd\n');
  await expect(runCommand(excludeCommand(), ['s', 'P1', 'B03', ...WHO])).rejects.toThrow(/no column plate/);
  expect(await text('exports/s/exclusions.csv')).toBe('well,why\nB03,odd\n');
});

it('exclude says when the scores follow, and when they do not', async () => {
  const told = async (lock: object | null) => {
    await stackOf(undefined, lock);
    return (await runCommand(excludeCommand(), ['s', 'P1', 'B03', ...WHO])).stdout;
  };
  expect(await told(null)).toContain('s is scored again');
  const locked = await told({ name: 'Ben', reason: 'report 7', at: '2026-03-10T09:00:00Z' });
  expect(locked).toMatch(/s is locked by Ben \(report 7\), so its scores stay .*nvir unlock s/);
  expect(locked).not.toContain('scored again');
  expect(await told({ name: null, reason: 'lock.json: is not JSON.', at: null })).toContain(
    'not scored again: lock.json',
  );
});

it('lock and unlock say who, why and when', async () => {
  const { text } = await stackOf();
  await runCommand(lockCommand(), ['s', ...WHO]);
  expect(JSON.parse(await text('exports/s/lock.json'))).toMatchObject({ locked: true, name: 'Ada' });
  await runCommand(unlockCommand(), ['s', ...WHO]);
  expect(JSON.parse(await text('exports/s/lock.json'))).toMatchObject({ locked: false, at: expect.any(String) });
});

it('lock refuses a study without scores', async () => {
  await stackOf(null);
  await expect(runCommand(lockCommand(), ['s', ...WHO])).rejects.toThrow(/no scores yet/);
});

it('quality shows each plate read with what is wrong, and exits with 1 where one is rejected', async () => {
  await stackOf();
  const { stdout, exitCode } = await runCommand(qualityCommand(), ['s']);
  expect(stdout).toMatch(/P1\s+7\s+reject/);
  expect(stdout).toMatch(/reject: the 6 vehicle wells vary by \d+ %/);
  expect(exitCode).toBe(1);
  const json = JSON.parse((await runCommand(qualityCommand(), ['s', '--plate', 'P1', '--json'])).stdout);
  expect(json.reads).toMatchObject([{ plate: 'P1', day: 7, quality: { verdict: 'reject' } }]);
});
