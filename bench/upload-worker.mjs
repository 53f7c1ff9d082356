// Uploads one frame under many names, each a little different, from a thread of its own: a client is not the server.
import { parentPort, workerData } from 'node:worker_threads';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { register } from 'tsx/esm/api';

const { options, bucket, prefix, images, frame } = workerData;
const AT_ONCE = 4;
// A worker does not inherit the TypeScript loader of whoever starts it.
register();
const { uploadClient } = await import('../cli/demo/upload.ts');
const s3 = uploadClient(options);
let next = 0;
const upload = async () => {
  const body = Buffer.from(frame);
  for (let i = next++; i < images; i = next++) {
    body.writeUInt32LE(i, body.length - 4_000);
    const well = `${'ABCDEFGHIJKLMNOP'[i % 16]}${String(1 + (Math.floor(i / 16) % 24)).padStart(2, '0')}`;
    const key = `${prefix}/day7/field${Math.floor(i / 384)}_${well}.tif`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }
};
// With its client loaded: the first upload begins.
parentPort.postMessage('begin');
await Promise.all(Array.from({ length: AT_ONCE }, upload));
