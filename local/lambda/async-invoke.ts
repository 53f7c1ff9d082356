import type { Clock } from '../contract.ts';
import type { LambdaFunction } from './function.ts';

/** Lambda waits one minute before the first repetition, two before the second. */
const FIRST_RETRY_DELAY_MS = 60_000;

/**
 * Invokes as Scheduler and EventBridge do: nobody waits for the answer. Failures are repeated; what fails to the end
 * goes to the function's failure queue. @throws when it has none: then the event is lost, as in AWS.
 */
export async function invokeAsync(target: LambdaFunction, event: unknown, clock: Clock, stopped: () => boolean) {
  const { maximumRetryAttempts, maximumEventAgeSeconds, onFailure } = target.asynchronous;
  const expires = clock.now() + clock.scaled(maximumEventAgeSeconds * 1000);
  for (let retries = 0; ; retries++) {
    const result = await target.invoke(event);
    if (result.ok || stopped()) return;
    if (retries >= maximumRetryAttempts || clock.now() > expires) {
      const why = `${target.definition.logicalId}: ${result.errorType}: ${result.message}`;
      if (!onFailure) throw new Error(why);
      return onFailure(event, why);
    }
    const delayMs = clock.scaled(FIRST_RETRY_DELAY_MS * (retries + 1));
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());
  }
}
