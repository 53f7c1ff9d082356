/** The model's container refused what it was sent (4xx): waiting does not help, deploying a container that fits does. */
export class ModelRefused extends Error {
  override readonly name = 'ModelRefused';
  constructor(status: number, said: string | undefined, images: number, cause: unknown) {
    super(
      `the model's container refused a batch of ${images} with HTTP ${status}: ${said ?? 'no reason given'}. ` +
        'It was made for another format of the request: deploy the container and the functions of one version.',
      { cause },
    );
  }
}
