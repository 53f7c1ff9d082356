import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { ServiceError } from '../http.ts';

const parser = new XMLParser({ parseTagValue: false, trimValues: false, ignoreDeclaration: true });

/** Parses a request in XML. All values are text; one element and a list of one look the same, see {@link listOf}. */
export function parseXml<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  const parsed = schema.safeParse(parser.parse(text));
  if (!parsed.success) {
    throw new ServiceError('MalformedXML', 'The XML you provided was not well-formed or did not validate.');
  }
  return parsed.data;
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.union([z.array(item), item.transform((one) => [one])]);
}
