/** NViR behind its SageMaker endpoint. */
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { z } from 'zod';
import { type ModelIdentity, modelIdentitySchema } from '../domain/reading.ts';
import { required } from './environment.ts';
import { encodeNpy } from './npy.ts';

/** Images that one call carries: 90 × 65,536 bytes stay below SageMaker's 6,000,000. */
export const MAX_IMAGES_PER_CALL = 90;

const answerSchema = z.object({ viability: z.array(z.number()), model: modelIdentitySchema });

export interface Answer {
  /** One number an image, in their order. */
  viabilities: number[];
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
   * @throws when the endpoint sleeps, is throttled or fails; asking again later is safe.
   */
  async read(inputs: readonly Uint8Array[]): Promise<Answer> {
    if (inputs.length > MAX_IMAGES_PER_CALL) throw new RangeError(`${inputs.length} images in one call`);
    const { Body } = await this.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: this.name,
        ContentType: 'application/x-npy',
        Accept: 'application/json',
        Body: encodeNpy(inputs),
      }),
    );
    const { viability, model } = answerSchema.parse(JSON.parse(new TextDecoder().decode(Body)));
    if (viability.length !== inputs.length)
      throw new Error(`the endpoint answered ${viability.length} numbers for ${inputs.length} images`);
    return { viabilities: viability, model };
  }
}
