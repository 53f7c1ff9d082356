/** What microscopes write into a TIFF's description: OME-XML, MetaSeries (ImageXpress), Gen5 (Cytation). */

export interface EmbeddedMetadata {
  /** True bit depth of the camera, when the file says it. */
  significantBits?: number;
  /** ISO 8601, without offset when the file gives none. */
  takenAt?: string;
  pixelSize_um?: number;
  instrument?: string;
}

const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];

export function readEmbeddedMetadata(description: string | undefined, dateTime: string | undefined): EmbeddedMetadata {
  const text = description ?? '';
  const specific = text.includes('<OME')
    ? readOme(text)
    : text.includes('<MetaData>')
      ? readMetaSeries(text)
      : readGen5(text);
  const takenAt = specific.takenAt ?? parseTiffDateTime(dateTime);
  return { ...specific, ...(takenAt ? { takenAt } : {}) };
}

function readOme(text: string): EmbeddedMetadata {
  return compact({
    significantBits: toNumber(attribute(text, 'SignificantBits')),
    takenAt: /<AcquisitionDate>([^<]+)</.exec(text)?.[1],
    pixelSize_um: toNumber(attribute(text, 'PhysicalSizeX')),
    instrument: /<Microscope\b[^>]*\bModel="([^"]*)"/.exec(text)?.[1] ?? 'OME-TIFF',
  });
}

function readMetaSeries(text: string): EmbeddedMetadata {
  const property = (id: string): string | undefined => {
    const tag = new RegExp(`<[a-z-]*prop\\b[^>]*\\bid="${id}"[^>]*>`).exec(text)?.[0];
    return tag === undefined ? undefined : attribute(tag, 'value');
  };
  return compact({
    takenAt: parseMetaSeriesTime(property('acquisition-time-local')),
    pixelSize_um:
      property('spatial-calibration-state') === 'off' ? undefined : toNumber(property('spatial-calibration-x')),
    instrument: 'MetaXpress',
  });
}

function readGen5(text: string): EmbeddedMetadata {
  const width = toNumber(/<ImageWidthMicrons>([\d.]+)</.exec(text)?.[1]);
  const pixels = toNumber(/<PixelWidth>(\d+)</.exec(text)?.[1]);
  if (width === undefined || !pixels) return {};
  return { pixelSize_um: width / pixels, instrument: 'Gen5' };
}

/** `20141031 12:34:56.789` */
function parseMetaSeriesTime(text: string | undefined): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text ?? '');
  return match ? `${match[1]}-${match[2]}-${match[3]}T${match[4]}` : undefined;
}

/** `2026:03:02 10:15:00` (TIFF tag 306). */
function parseTiffDateTime(text: string | undefined): string | undefined {
  const match = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text ?? '');
  return match && match[1] !== '0000' ? `${match[1]}-${match[2]}-${match[3]}T${match[4]}` : undefined;
}

const toNumber = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
};

function compact(fields: { [K in keyof EmbeddedMetadata]: EmbeddedMetadata[K] | undefined }): EmbeddedMetadata {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
