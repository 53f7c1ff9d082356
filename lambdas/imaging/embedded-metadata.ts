/** What microscopes write into a TIFF's description: OME-XML, MetaSeries (ImageXpress), Gen5 (Cytation); and simulations. */

export interface EmbeddedMetadata {
  /** True bit depth of the camera, when the file says it. */
  significantBits?: number;
  /** ISO 8601, without offset when the file gives none. */
  takenAt?: string;
  pixelSize_um?: number;
  instrument?: string;
}

/** What is looked for stands near the start; a hostile description could be as long as the file. */
const MAX_DESCRIPTION = 65_536;

const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];

export function readEmbeddedMetadata(description: string | undefined, dateTime: string | undefined): EmbeddedMetadata {
  const text = (description ?? '').slice(0, MAX_DESCRIPTION);
  const specific = readSpecific(text);
  const takenAt = specific.takenAt ?? parseTiffDateTime(dateTime);
  return { ...specific, ...(takenAt ? { takenAt } : {}) };
}

function readSpecific(text: string): EmbeddedMetadata {
  // The domain's SIMULATION: the file's own word, whatever the notes say.
  if (text.startsWith('SIMULATED IMAGE')) return { instrument: 'simulation' };
  if (text.includes('<OME')) return readOme(text);
  return text.includes('<MetaData>') ? readMetaSeries(text) : readGen5(text);
}

// Attributes are looked for in one tag of bounded length: unbounded, a text of many half tags takes quadratic time.
const MICROSCOPE_MODEL = /<Microscope\b[^<>]{0,1000}?\bModel="([^"]*)"/;
const PROPERTY = /<[a-z-]{0,40}prop\b([^<>]{0,1000})>/g;

function readOme(text: string): EmbeddedMetadata {
  return compact({
    significantBits: toNumber(attribute(text, 'SignificantBits')),
    takenAt: /<AcquisitionDate>([^<]+)</.exec(text)?.[1],
    pixelSize_um: toNumber(attribute(text, 'PhysicalSizeX')),
    instrument: MICROSCOPE_MODEL.exec(text)?.[1] ?? 'OME-TIFF',
  });
}

function readMetaSeries(text: string): EmbeddedMetadata {
  const tags = [...text.matchAll(PROPERTY)].map(([, attributes = '']) => attributes);
  const property = (id: string): string | undefined => {
    const tag = tags.find((candidate) => attribute(candidate, 'id') === id);
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

/** `2026:03:02 10:15:00` (TIFF tag 306, and EXIF). */
export function parseTiffDateTime(text: string | undefined): string | undefined {
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
