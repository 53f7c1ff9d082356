/** One file under two wells: one of the labels is wrong, and nobody can know which. */
import { compareText, groupBy } from '../statistics.ts';
import type { Dropped } from './dropped.ts';
import type { LabelledImage } from './label-plate.ts';

/** @param images of all plates. @returns those whose bytes stand at one place only, and the others. */
export function withoutSameFiles(images: readonly LabelledImage[]): { labelled: LabelledImage[]; dropped: Dropped[] } {
  const labelled: LabelledImage[] = [];
  const dropped: Dropped[] = [];
  for (const group of groupBy(images, ({ image }) => image.reading.sha256 ?? image.reading.key).values()) {
    const [first, ...others] = group;
    if (!first) continue;
    if (others.length === 0) labelled.push(first);
    else
      for (const { image, day } of group) {
        const rivals = group.filter((other) => other.image !== image).map((other) => other.image.reading.key);
        const { study, plate, path } = image.reading;
        dropped.push({
          study,
          plate,
          well: image.name.well ?? '',
          day,
          image: path,
          reason: 'same-file',
          detail: `its bytes are those of ${rivals.join(', ')}`,
        });
      }
  }
  return { labelled: labelled.sort(inOrder), dropped };
}

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
