/** NViR behind its SageMaker endpoint. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from '@aws-sdk/client-sagemaker-runtime';
import { z } from 'zod';
import { type ModelIdentity, modelIdentitySchema } from '../domain/reads/reading.ts';
import { EndpointUnavailable } from './endpoint-unavailable.ts';
import { required } from './environment.ts';
import { ModelRefused } from './model-refused.ts';
import { encodeNpy } from './npy.ts';

/** Images that one call carries: 90 × 65,536 bytes stay below SageMaker's 6,000,000. */
export const MAX_IMAGES_PER_CALL = 90;

const perImage = z.array(z.number());
const answerSchema = z.object({
  viability: perImage,
  halfWidth90: perImage.optional(),
  domainDistance: perImage.optional(),
  sharedHalfWidth90: perImage.optional(),
  model: modelIdentitySchema,
});

export interface Answer {
  /** One number an image, in their order. */
  viabilities: number[];
  /** Half of the 90 % interval's width, an image each; not there when the model was not calibrated. */
  halfWidths90?: number[];
  /** Distance to the training images, an image each, 1 = the 99th percentile of known ones; not there likewise. */
  domainDistances?: number[];
  /** The part of each half width that all images of a domain share; not there when no domain was held out for the model. */
  sharedHalfWidths90?: number[];
  model: ModelIdentity;
}

export class ModelEndpoint {
  constructor(
    private readonly runtime: SageMakerRuntimeClient,
    private readonly name: string,
  ) {}

  static fromEnv(): ModelEndpoint {
    return new ModelEndpoint(new SageMakerRuntimeClient({}), required('ENDPOINT_NAME'));
  }

  /**
   * Reads up to 90 inputs of 256 × 256 gray values in one call.
   *
   * @throws EndpointUnavailable when it sleeps, is throttled or fails; asking again later is safe.
   * @throws ModelRefused when the container takes no such request.
   */
  async read(inputs: readonly Uint8Array[]): Promise<Answer> {
    if (inputs.length > MAX_IMAGES_PER_CALL) throw new RangeError(`${inputs.length} images in one call`);
    const { model, ...numbers } = answerSchema.parse(JSON.parse(await this.invoke(inputs)));
    for (const [name, values] of Object.entries(numbers))
      if (values && values.length !== inputs.length)
        throw new Error(`the endpoint answered ${values.length} numbers of ${name} for ${inputs.length} images`);
    const { viability, halfWidth90, domainDistance, sharedHalfWidth90 } = numbers;
    return {
      viabilities: viability,
      ...(halfWidth90 && { halfWidths90: halfWidth90 }),
      ...(domainDistance && { domainDistances: domainDistance }),
      ...(sharedHalfWidth90 && { sharedHalfWidths90: sharedHalfWidth90 }),
      model,
    };
  }

  private async invoke(inputs: readonly Uint8Array[]): Promise<string> {
    const call = new InvokeEndpointCommand({
      EndpointName: this.name,
      ContentType: 'application/x-npy',
      Accept: 'application/json',
      Body: encodeNpy(inputs),
    });
    for (let retries = 0; ; retries += 1) {
      try {
        const { Body } = await this.runtime.send(call);
        return new TextDecoder().decode(Body);
      } catch (error) {
        const wait_ms = isBareThrottling(error) ? BARE_THROTTLING_WAITS_MS[retries] : undefined;
        if (wait_ms === undefined) throw explained(error, inputs.length);
        // Jitter, so that the functions that were throttled together do not come back together.
        await pause(wait_ms * (0.5 + Math.random()));
      }
    }
  }
}

/** An endpoint at its limit may answer 400 without a word. The SDK retries throttling only where it is called so. */
const isBareThrottling = (error: unknown): boolean =>
  error instanceof SageMakerRuntimeServiceException &&
  error.$metadata.httpStatusCode === 400 &&
  ['', 'UnknownError'].includes(error.message);
const BARE_THROTTLING_WAITS_MS = [200, 400, 800];

/** Of the container's 4xx, those that pass by waiting: a timeout, and too much at once. */
const PASSING = new Set([408, 429]);

function explained(error: unknown, images: number): Error {
  const status = error instanceof ModelError ? (error.OriginalStatusCode ?? 0) : 0;
  if (!(error instanceof ModelError) || status < 400 || status > 499 || PASSING.has(status))
    return new EndpointUnavailable(error);
  return new ModelRefused(status, error.OriginalMessage, images, error);
}
