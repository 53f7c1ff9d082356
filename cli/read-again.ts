/** What `nvir retry` asks to be read again: by which model, and how many images that may be. */
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ExportBucket } from '../lambdas/aws/export-bucket.ts';
import { ModelEndpoint } from '../lambdas/aws/model-endpoint.ts';
import { loadMap, loadNotes } from '../lambdas/aws/study-view.ts';
import { daysDrawnIn, linkedReads, type PlacedImage, type ReadPlate } from '../lambdas/domain/reads/linked-reads.ts';
import { imagesToReadAgain, type OutOfDate } from '../lambdas/domain/reads/read-again.ts';
import type { ModelIdentity } from '../lambdas/domain/reads/reading.ts';
import { INPUT_SIDE, PREPROCESSING_VERSION } from '../lambdas/imaging/index.ts';
import { readingsAnswer } from '../lambdas/query/answers.ts';
import { type Api, ApiRefusal, apiPath } from './api.ts';
import type { Connection } from './connection.ts';
import { UserError } from './console.ts';
import { userErrorOf } from './user-error-of.ts';

/** The model that answers today, asked with an empty image: only its answer says which one it is. */
export async function modelOfToday({ aws, output }: Connection): Promise<ModelIdentity> {
  const endpoint = new ModelEndpoint(new SageMakerRuntimeClient(aws), output('EndpointName'));
  try {
    return (await endpoint.read([new Uint8Array(INPUT_SIDE * INPUT_SIDE)])).model;
  } catch (error) {
    // A right that is missing, or an address where nobody answers, is nothing that the endpoint's runbook knows of.
    const mendable = userErrorOf(error);
    if (mendable) throw mendable;
    throw new UserError(
      `the model does not answer, so nothing is read again: ${error instanceof Error ? error.message : String(error)}`,
      'See docs/runbook.md#endpoint-errors, then the same command again.',
    );
  }
}

/** Plates that the bucket holds or the scores know, whichever tells first. */
export async function platesOf(
  connection: Connection,
  study: string,
  known: readonly string[],
): Promise<readonly string[]> {
  const plates = new Set(known);
  for await (const plate of exportBucket(connection).plates(study)) plates.add(plate);
  return [...plates].sort();
}

const exportBucket = ({ aws, output }: Connection): ExportBucket =>
  new ExportBucket(new S3Client(aws), output('ExportBucketName'));

/** How many images of these plates a sweep would find to read again, if it were of this checkout's version. */
export async function countReadAgain(
  connection: Connection,
  api: Api,
  study: string,
  plates: readonly string[],
  what: OutOfDate,
): Promise<number> {
  const bucket = exportBucket(connection);
  const { notes } = await loadNotes(study, { bucket });
  const read: ReadPlate[] = [];
  for (const plate of plates) {
    const { map } = await loadMap(study, plate, bucket);
    read.push({ plate, map, images: await readingsOf(api, study, plate) });
  }
  const reads = read.flatMap((plate) => linkedReads(plate, notes, what, PREPROCESSING_VERSION));
  const drawnIn = daysDrawnIn(reads, notes?.normalisation);
  return read
    .map(({ plate, images }) => imagesToReadAgain(images, { ...what, days: drawnIn.get(plate) }, PREPROCESSING_VERSION))
    .reduce((sum, { length }) => sum + length, 0);
}

async function readingsOf(api: Api, study: string, plate: string): Promise<PlacedImage[]> {
  const images: PlacedImage[] = [];
  try {
    const pages = api.pages(apiPath('studies', study, 'plates', plate, 'readings'), readingsAnswer);
    for await (const { readings } of pages) images.push(...readings);
  } catch (error) {
    // Of a plate whose images all wait to be read the API knows nothing.
    if (!(error instanceof ApiRefusal && error.status === 404)) throw error;
  }
  return images;
}
