import { z } from 'zod';
import type { Answer, Body } from './engine.ts';
import type { Table, Tables } from './tables.ts';

const SHARD = 'shardId-00000000000000000000-00000000';

const inputs = {
  DescribeStream: z.looseObject({ StreamArn: z.string() }),
  GetShardIterator: z.looseObject({
    StreamArn: z.string(),
    ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
    SequenceNumber: z.string().optional(),
  }),
  GetRecords: z.looseObject({ ShardIterator: z.string(), Limit: z.number().default(1_000) }),
};

/** DynamoDB Streams' API over the one shard that each stream has here. */
export function streamsOperation(tables: Tables, operation: string, input: Body): Answer {
  switch (operation) {
    case 'ListStreams': {
      const wanted = (table: Table) => table.stream && (!input.TableName || table.name === input.TableName);
      const Streams = tables
        .all()
        .filter(wanted)
        .map((table) => ({ StreamArn: table.stream?.arn, TableName: table.name, StreamLabel: 'local' }));
      return { status: 200, body: { Streams } };
    }
    case 'DescribeStream': {
      const { StreamArn } = inputs.DescribeStream.parse(input);
      const table = tables.byStream(StreamArn);
      if (!table?.stream) return notFound();
      const StreamDescription = {
        StreamArn,
        StreamLabel: 'local',
        StreamStatus: 'ENABLED',
        TableName: table.name,
        StreamViewType: table.stream.view,
        Shards: [{ ShardId: SHARD, SequenceNumberRange: { StartingSequenceNumber: '1'.padStart(21, '0') } }],
      };
      return { status: 200, body: { StreamDescription } };
    }
    case 'GetShardIterator': {
      const { StreamArn, ShardIteratorType, SequenceNumber } = inputs.GetShardIterator.parse(input);
      const stream = tables.byStream(StreamArn)?.stream;
      if (!stream) return notFound();
      const places = {
        TRIM_HORIZON: 0,
        LATEST: stream.length,
        AT_SEQUENCE_NUMBER: Number(SequenceNumber) - 1,
        AFTER_SEQUENCE_NUMBER: Number(SequenceNumber),
      };
      return { status: 200, body: { ShardIterator: `${StreamArn}|${places[ShardIteratorType]}` } };
    }
    case 'GetRecords': {
      const { ShardIterator, Limit } = inputs.GetRecords.parse(input);
      const [arn = '', place = '0'] = ShardIterator.split('|');
      const stream = tables.byStream(arn)?.stream;
      if (!stream) return notFound();
      const records = stream.read(Number(place), Limit).map(({ record }) => {
        const { eventSourceARN: _, ...rest } = record;
        return rest;
      });
      return {
        status: 200,
        body: { Records: records, NextShardIterator: `${arn}|${Number(place) + records.length}` },
      };
    }
    default:
      return { status: 400, body: { __type: 'UnknownOperationException', message: `${operation} is not known here` } };
  }
}

function notFound(): Answer {
  return { status: 400, body: { __type: 'ResourceNotFoundException', message: 'Requested resource not found' } };
}
