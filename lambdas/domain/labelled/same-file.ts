/** One file at two places, such as two wells or two days: one of the labels is wrong, and nobody can know which. */
import type { PlacedReading } from '../reads/plate-reads.ts';
import { compareText, groupBy } from '../statistics.ts';
import type { Dropped } from './dropped.ts';
import type { LabelledImage } from './label-plate.ts';

/**
 * @param images of all plates
 * @param read every image that was read, also without a label: day 0 copied as day 7 would label a look that nobody saw
 * @returns those whose bytes stand at one place only, and the others
 */
export function withoutSameFiles(
  images: readonly LabelledImage[],
  read: readonly PlacedReading[],
): { labelled: LabelledImage[]; dropped: Dropped[] } {
  const bySha = groupBy(read, ({ reading }) => reading.sha256);
  const labelled: LabelledImage[] = [];
  const dropped: Dropped[] = [];
  for (const item of images) {
    const { reading, name } = item.image;
    const twins = reading.sha256 === undefined ? [] : (bySha.get(reading.sha256) ?? []);
    const rivals = twins.filter((twin) => twin.reading.key !== reading.key && speaksAgainst(twin, item.image));
    if (rivals.length === 0) labelled.push(item);
    else
      dropped.push({
        study: reading.study,
        plate: reading.plate,
        well: name.well ?? '',
        day: item.day,
        image: reading.path,
        reason: 'same-file',
        detail: `its bytes are those of ${rivals.map((rival) => rival.reading.key).join(', ')}`,
      });
  }
  return { labelled: labelled.sort(inOrder), dropped };
}

/** A second copy in the same place that does not count, or one that has no place, says nothing else of the picture. */
const speaksAgainst = (twin: PlacedReading, image: PlacedReading): boolean =>
  twin.status === 'used' ||
  (twin.name.well !== undefined && twin.day !== undefined && placeOf(twin) !== placeOf(image));

const placeOf = ({ reading, name, day }: PlacedReading): string =>
  JSON.stringify([reading.study, reading.plate, name.well, day]);

/** By study, plate, day, well and path: the same exports give the same rows. */
function inOrder(a: LabelledImage, b: LabelledImage): number {
  const [one, other] = [a.image, b.image];
  return (
    compareText(one.reading.study, other.reading.study) ||
    compareText(one.reading.plate, other.reading.plate) ||
    a.day - b.day ||
    compareText(one.name.well ?? '', other.name.well ?? '') ||
    compareText(one.reading.path, other.reading.path)
  );
}
