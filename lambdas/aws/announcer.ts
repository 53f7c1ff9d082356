/** Tells the world, by EventBridge. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type NvirEvent } from '../domain/messages.ts';
import { required } from './environment.ts';

/** EventBridge takes so many events a call. */
const BATCH = 10;

export class Announcer {
  constructor(
    private readonly events: EventBridgeClient,
    private readonly bus: string,
  ) {}

  static fromEnv(): Announcer {
    return new Announcer(new EventBridgeClient({}), required('EVENT_BUS_NAME'));
  }

  /** @throws when EventBridge refused any of them. */
  async announce(announcements: readonly NvirEvent[]): Promise<void> {
    for (let from = 0; from < announcements.length; from += BATCH) {
      const Entries = announcements.slice(from, from + BATCH).map(({ type, detail }) => ({
        EventBusName: this.bus,
        Source: EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      }));
      const answer = await this.events.send(new PutEventsCommand({ Entries }));
      const failed = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (failed) throw new Error(`EventBridge refused an event: ${failed.ErrorCode} ${failed.ErrorMessage}`);
    }
  }
}
