// Runs an ONNX model in a thread of its own: `session.run` blocks the thread that calls it. Plain JavaScript, because a
// worker does not inherit the TypeScript loader of whoever starts it.
import { parentPort, workerData } from 'node:worker_threads';
import * as onnx from 'onnxruntime-node';

const { file, inputName, outputNames, height, width } = workerData;
const session = await onnx.InferenceSession.create(file, {
  graphOptimizationLevel: 'all',
  // One thread: a second one makes an image a third faster on an idle machine and costs three quarters more CPU, which the
  // functions that decode the next images need (11 against 19 ms an image, measured on two cores).
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
});

/** The graph's outputs by their names in the answer. */
const outputs = Object.entries(outputNames).filter(([, name]) => session.outputNames.includes(name));

/** One image a run: its numbers cannot depend on its neighbours, whatever kernels a larger batch would choose. */
async function predict(pixels) {
  const size = height * width;
  const answer = Object.fromEntries(outputs.map(([key]) => [key, []]));
  for (let at = 0; at < pixels.length; at += size) {
    const image = new onnx.Tensor('uint8', pixels.subarray(at, at + size), [1, height, width]);
    const result = await session.run({ [inputName]: image });
    for (const [key, name] of outputs) answer[key].push(Number(result[name].data[0]));
  }
  return answer;
}

await predict(new Uint8Array(height * width));
parentPort.postMessage({ ready: true });
parentPort.on('message', async ({ id, pixels }) => {
  try {
    parentPort.postMessage({ id, answer: await predict(pixels) });
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
