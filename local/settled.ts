const CHECK_EVERY_MS = 40;
/** Work moves from one part to the next between two looks, so one look at rest proves nothing. */
const LOOKS_AT_REST = 3;

/** A part of the cloud that may still have work, by name for the message when it never ends. */
export interface Part {
  name: string;
  idle(): Promise<boolean> | boolean;
}

/** Resolves when no part has anything left to do. @throws after `timeoutMs`, naming the parts that still work. */
export async function waitUntilSettled(parts: readonly Part[], timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (let looks = 0; looks < LOOKS_AT_REST; ) {
    const busy: string[] = [];
    for (const part of parts) if (!(await part.idle())) busy.push(part.name);
    looks = busy.length === 0 ? looks + 1 : 0;
    if (looks < LOOKS_AT_REST && Date.now() > until) {
      throw new Error(`the local cloud is not at rest after ${timeoutMs} ms; still at work: ${busy.join(', ')}`);
    }
    if (looks < LOOKS_AT_REST) await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
  }
}
