import { z } from 'zod';
import type { AwsService, Principal, SignedCall } from '../contract.ts';
import { answerError, answerJson, bodyOf, ServiceError } from '../http.ts';
import type { EventBuses } from './buses.ts';

const ENTRY_LIMIT_BYTES = 256 * 1024;

const putEventsSchema = z.object({
  Entries: z
    .array(
      z.object({
        Source: z.string().optional(),
        DetailType: z.string().optional(),
        Detail: z.string().optional(),
        EventBusName: z.string().default('default'),
        Resources: z.array(z.string()).default([]),
        Time: z.unknown().optional(),
        TraceHeader: z.string().optional(),
      }),
    )
    .min(1)
    .max(10),
});

type Entry = z.infer<typeof putEventsSchema>['Entries'][number];

/** EventBridge's data plane: PutEvents. */
export class EventsService implements AwsService {
  readonly names = ['events'];

  constructor(private readonly buses: EventBuses) {}

  async handle(call: SignedCall): Promise<void> {
    const { request, response, principal } = call;
    try {
      const operation = String(request.headers['x-amz-target'] ?? '');
      if (operation !== 'AWSEvents.PutEvents') {
        throw new ServiceError('UnknownOperationException', `${operation} is not known to the local cloud`);
      }
      const body = bodyOf(call, 2 * 1024 * 1024);
      const input = putEventsSchema.safeParse(JSON.parse(body.toString('utf8')));
      if (!input.success) throw new ServiceError('ValidationException', z.prettifyError(input.error));
      for (const entry of input.data.Entries) this.authorize(principal, entry);
      const entries = [];
      for (const entry of input.data.Entries) entries.push(await this.put(entry));
      const failed = entries.filter((entry) => 'ErrorCode' in entry).length;
      answerJson(
        response,
        200,
        { FailedEntryCount: failed, Entries: entries },
        { 'content-type': 'application/x-amz-json-1.1' },
      );
    } catch (error) {
      answerError(response, error);
    }
  }

  async close(): Promise<void> {}

  private authorize(principal: Principal, entry: Entry): void {
    principal.authorize({
      action: 'events:PutEvents',
      resource: this.buses.arn(busName(entry)),
      context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
    });
  }

  private async put(entry: Entry): Promise<{ EventId: string } | { ErrorCode: string; ErrorMessage: string }> {
    const { Source, DetailType, Detail } = entry;
    if (!Source || !DetailType || Detail === undefined) {
      return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Parameter Source, DetailType or Detail is not valid.' };
    }
    if (Buffer.byteLength(Detail) > ENTRY_LIMIT_BYTES) {
      return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Total size of the entry is over the limit.' };
    }
    const detail = parsedObject(Detail);
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const bus = busName(entry);
    if (!this.buses.has(bus)) throw new ServiceError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
    return {
      EventId: await this.buses.put(bus, {
        source: Source,
        'detail-type': DetailType,
        detail,
        resources: entry.Resources,
      }),
    };
  }
}

function busName(entry: Entry): string {
  return entry.EventBusName.includes(':') ? (entry.EventBusName.split('/').at(-1) ?? '') : entry.EventBusName;
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
