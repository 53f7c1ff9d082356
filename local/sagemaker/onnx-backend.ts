import './no-telemetry.ts';
import { Worker } from 'node:worker_threads';
import { ServiceError } from '../http.ts';
import type { ModelBackend, ModelResponse } from './backend.ts';
import { CALIBRATED_OUTPUTS, type LocalModel, readModel } from './model.ts';
import { parseImages } from './npy.ts';

/** An array for each output of the graph, a number an image. */
type Numbers = Readonly<Record<string, number[]>>;
/** The container takes no more in one request. */
const MAX_IMAGES = 90;

interface WorkerAnswer {
  ready?: true;
  id?: number;
  answer?: Numbers;
  error?: string;
}

/** Answers the container's wire format by ONNX Runtime in a worker thread; requests are run one after the other. */
export class OnnxBackend implements ModelBackend {
  private readonly waiting = new Map<number, { resolve: (answer: Numbers) => void; reject: (error: Error) => void }>();
  private next = 0;
  private readonly model: LocalModel;
  private worker: Worker | undefined;
  private ready: Promise<void> | undefined;

  constructor(directory: string, variant: string) {
    this.model = readModel(directory, variant);
  }

  /** Loads and warms the model, as a container does before its `/ping` is 200. */
  start(): Promise<void> {
    this.ready ??= new Promise((resolve, reject) => {
      const { file, input, outputName } = this.model;
      const worker = new Worker(new URL('./onnx-worker.mjs', import.meta.url), {
        workerData: {
          file,
          inputName: input.name,
          outputNames: { viability: outputName, ...CALIBRATED_OUTPUTS },
          height: input.height,
          width: input.width,
        },
        execArgv: [],
      });
      this.worker = worker;
      const fail = (error: Error) => {
        reject(error);
        for (const { reject: refuse } of this.waiting.values()) refuse(error);
        this.waiting.clear();
        this.ready = undefined;
      };
      worker.on('error', fail);
      worker.on('exit', () => fail(new Error('the model worker ended')));
      worker.on('message', ({ ready, id, answer, error }: WorkerAnswer) => {
        if (ready) resolve();
        const waiting = id === undefined ? undefined : this.waiting.get(id);
        if (!waiting || id === undefined) return;
        this.waiting.delete(id);
        if (answer) waiting.resolve(answer);
        else waiting.reject(new Error(error));
      });
    });
    return this.ready;
  }

  async invoke(contentType: string, body: Buffer): Promise<ModelResponse> {
    if (contentType !== 'application/x-npy')
      return problem(415, `content type ${contentType} is not application/x-npy`);
    let pixels: Buffer;
    try {
      const images = parseImages(body);
      const { height, width } = this.model.input;
      if (images.height !== height || images.width !== width) {
        return problem(400, `images of ${images.height} × ${images.width}; the model takes ${height} × ${width}`);
      }
      if (images.count > MAX_IMAGES)
        return problem(400, `a request holds 1 to ${MAX_IMAGES} images, not ${images.count}`);
      pixels = images.pixels;
    } catch (error) {
      return problem(400, error instanceof Error ? error.message : String(error));
    }
    const answer = await this.predict(pixels);
    return {
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify({ ...answer, model: this.model.identity }),
    };
  }

  async stop(): Promise<void> {
    this.worker?.removeAllListeners('exit');
    await this.worker?.terminate();
    for (const { reject } of this.waiting.values())
      reject(new ServiceError('InternalFailure', 'the cloud stopped', 500));
    this.waiting.clear();
  }

  private async predict(pixels: Buffer): Promise<Numbers> {
    await this.start();
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.waiting.set(id, { resolve, reject });
      // A copy of exactly these bytes: the buffer may be a view into a larger one.
      const own = new Uint8Array(pixels);
      this.worker?.postMessage({ id, pixels: own }, [own.buffer]);
    });
  }
}

function problem(status: number, detail: string): ModelResponse {
  return { status, contentType: 'application/json', body: JSON.stringify({ error: detail }) };
}
