import { join } from 'node:path';
import { OnnxBackend } from '../local/sagemaker/onnx-backend.ts';
import { perSecond } from './measure.ts';

const SIDE = 256;
const BATCH = 32;
const BATCHES = 6;

/** Images a second by the shipped int8 model as the local endpoint runs it: one thread, one image at a time. */
export async function benchInference(): Promise<number> {
  const backend = new OnnxBackend(join(import.meta.dirname, '..', 'model-container', 'model'), 'int8');
  const pixels = Buffer.from(Uint8Array.from({ length: BATCH * SIDE * SIDE }, (_, i) => (i * 31) & 255));
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${BATCH}, ${SIDE}, ${SIDE}), }`.padEnd(117);
  const preamble = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]);
  const body = Buffer.concat([preamble, Buffer.from(`${header}\n`), pixels]);
  try {
    const batches = await perSecond(BATCHES, async () => {
      const { status } = await backend.invoke('application/x-npy', body);
      if (status !== 200) throw new Error(`the model answers ${status}`);
    });
    return batches * BATCH;
  } finally {
    await backend.stop();
  }
}
