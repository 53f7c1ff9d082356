/** The model's endpoint sleeps, is throttled or fails: the same call may pass later, another one fails now. */
export class EndpointUnavailable extends Error {
  override readonly name = 'EndpointUnavailable';
  constructor(cause: unknown) {
    super(`the model's endpoint did not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
