/** `nvir demo`: a simulated drug screen through the deployed template, on this machine, from files to a DILI ranking. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { type LocalCloud, startLocalCloud } from '../../local/index.ts';
import { DEMO_SCREEN } from '../../simulation/screen/plan.ts';
import type { WrittenScreen } from '../../simulation/screen/write.ts';
import { createApi } from '../api.ts';
import { type Books, recount } from '../books.ts';
import { type Connection, localConnection } from '../connection.ts';
import { note, print, printJson, progress } from '../console.ts';
import { reportData } from '../demo/report-data.ts';
import { fetchResults, type StudyResults } from '../demo/results.ts';
import { type DemoSummary, summarise, withinTwofold } from '../demo/summary.ts';
import { readTruth } from '../demo/truth.ts';
import { filesBelow, uploadExport } from '../demo/upload.ts';
import { waitForReadings } from '../demo/wait.ts';
import { queueDepth } from '../queue-depth.ts';
import { reportPage } from '../report/page.ts';
import { synthesise } from '../synth.ts';
import { printRanking } from './dili.ts';
import { drawScreen } from './simulate.ts';
import { booksLine } from './status.ts';

/** Long for one image, short for a person who waits. */
const PATIENCE_MS = 60_000;

interface DemoOptions {
  out: string;
  json?: true;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'run a simulated drug screen through the deployed template on this machine, from files to a DILI ranking',
    )
    .option('--out <dir>', 'folder for the screen, the cloud’s data, report.html and summary.json', 'out/demo')
    .option('--json', 'print summary.json instead of tables')
    .action(async (options: DemoOptions) => {
      const summary = await runDemo(resolve(options.out), options.json ?? false);
      if (summary.missing > 0) process.exitCode = 1;
    });
}

async function runDemo(out: string, json: boolean): Promise<DemoSummary> {
  const screenFolder = join(out, 'screen');
  for (const old of ['screen', 'cloud']) await rm(join(out, old), { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  note(`Drawing a screen of SIMULATED IMAGES into ${screenFolder} …`);
  // The template starts while the screen is still drawn. Whatever fails, the other is waited for: a cloud must be stopped.
  const starting = synthesise(note).then((assembly) => startLocalCloud({ assembly, dataDir: join(out, 'cloud') }));
  const [drawn, started] = await Promise.allSettled([drawScreen(screenFolder, DEMO_SCREEN), starting]);
  if (started.status === 'rejected') throw started.reason;
  const cloud = started.value;
  try {
    if (drawn.status === 'rejected') throw drawn.reason;
    const screen = drawn.value;
    // By itself, not by the file of `nvir local`: one that is running stays findable.
    const connection = localConnection(cloud);
    const { books, seconds } = await sendScreen(connection, cloud, screen);
    const results = await fetchResults(createApi(connection), DEMO_SCREEN.study);
    const truth = await readTruth(screenFolder);
    const summary = summarise(results, truth, books, seconds);
    await writeFile(join(out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    await writeFile(
      join(out, 'report.html'),
      reportPage(await reportData(results, truth, summary, screen.exportFolder)),
    );
    if (json) printJson(summary);
    else printOutcome(results, summary, out);
    return summary;
  } finally {
    await cloud.stop();
  }
}

/** Uploads the export and waits until all is read and scored. Seconds are from the first upload to the last reading. */
async function sendScreen(
  connection: Connection,
  cloud: LocalCloud,
  { exportFolder, images }: WrittenScreen,
): Promise<{ books: Books; seconds: number }> {
  const { study } = DEMO_SCREEN;
  const known = new Set(images);
  const notes = (await filesBelow(exportFolder)).filter((file) => !known.has(file));
  await uploadExport(connection, study, exportFolder, notes);
  const bar = progress('Reading viability', images.length);
  const sqs = new SQSClient(connection.aws);
  const started_ms = Date.now();
  let sent = 0;
  const uploading = uploadExport(connection, study, exportFolder, images, (done) => {
    sent = done;
  });
  const waiting = waitForReadings({
    sent: () => sent,
    queued: () => queueDepth(sqs, connection.output('IntakeQueueUrl')),
    count: () => recount(connection, study),
    expected: images.length,
    patienceMs: PATIENCE_MS,
    onProgress: (done) => bar.update(done),
  });
  const [, { books, readAt_ms }] = await Promise.all([uploading, waiting]);
  const seconds = (readAt_ms - started_ms) / 1000;
  bar.stop();
  note('Scoring …');
  await cloud.settled(PATIENCE_MS);
  // The schedule would do this within the hour: closes the plates and says so.
  await cloud.invoke(connection.output('SweepFunctionName'), { kind: 'sweep' });
  await cloud.settled(PATIENCE_MS);
  return { books, seconds };
}

function printOutcome(results: StudyResults, summary: DemoSummary, out: string): void {
  print();
  printRanking(results.ranking, (compound) => summary.compounds.find((row) => row.compound === compound)?.trueIc50_uM);
  const { paper, supported, inInterval, of } = withinTwofold(summary.compounds);
  print();
  print(
    `IC50 within 2 × of the truth, of ${of} drugs whose true IC50 was tested: ${supported} by the supported curve, ${paper} by the paper’s fit.`,
  );
  print(
    `95 % intervals that hold the truth: ${inInterval} of ${of}. They carry the scatter of wells and controls and what the model may misread in all wells alike, not what it misreads in one compound alone.`,
  );
  print(
    `Viability against the truth, unseen microscope: R² ${summary.r2.toFixed(3)}, mean absolute error ${summary.mae.toFixed(3)}.`,
  );
  print(`Books: ${booksLine(summary)}; ${summary.absentWells} absent wells.`);
  print(`${summary.imagesPerSecond} images/s, ${summary.seconds} s from the first upload to the last reading.`);
  print(`Report: ${join(out, 'report.html')}  Numbers: ${join(out, 'summary.json')}`);
  print('SIMULATED IMAGES: nothing here is a measurement of a real drug.');
}
