/** One channel of a plate is scored, bright field; viability is not read from fluorescence, and never from a mixture. */

import { compareText } from '../statistics.ts';
import { isBrightfield, isFluorescence } from './channel-words.ts';
import { withoutLeadingZeros } from './name-parts.ts';

/**
 * Why images of a channel do not count; undefined for the one that does.
 *
 * @param channels of all images of a plate
 * @param wanted `brightfieldChannel` of study.json
 */
export function channelObstacles(
  channels: Iterable<string>,
  wanted: string | undefined,
): (channel: string) => string | undefined {
  const known = [...new Set(channels)].sort(inOrder);
  const list = known.join(', ');
  if (wanted !== undefined) {
    const [scored, ...more] = matching(known, wanted);
    return (channel) => {
      if (more.length > 0)
        return `brightfieldChannel ${wanted} in study.json could mean ${[scored, ...more].join(' or ')}: write one of them`;
      return channel === scored
        ? undefined
        : `channel ${channel} is not ${wanted}, the brightfieldChannel of study.json`;
    };
  }
  const scored = brightfieldOf(known);
  return (channel) => {
    if (channel === scored) return undefined;
    return scored === undefined
      ? `none of the plate’s channels (${list}) is known to be bright field: name it as brightfieldChannel in study.json`
      : `channel ${channel} does not count: of the plate’s channels (${list}) ${scored} is taken for bright field. If that is wrong, set brightfieldChannel in study.json`;
  };
}

/** The first that calls itself bright field, else the lowest number, else the only one; never one that says fluorescence. */
function brightfieldOf(channels: readonly string[]): string | undefined {
  const candidates = channels.filter((channel) => !isFluorescence(channel));
  const numbered = candidates.find((channel) => /^\d/.test(channel));
  return candidates.find(isBrightfield) ?? numbered ?? (candidates.length === 1 ? candidates[0] : undefined);
}

/** The very name, else by its parts: `2` and `gfp` both mean the channel `2-gfp`. */
function matching(channels: readonly string[], wanted: string): string[] {
  const plain = withoutLeadingZeros(wanted.trim()).toLowerCase();
  const asWord = plain.replace(/[^a-z0-9]/g, '');
  const exact = channels.filter((channel) => channel === plain);
  const isPart = (channel: string): boolean => channel.split('-').some((part) => part === plain || part === asWord);
  return exact.length > 0 ? exact : channels.filter(isPart);
}

/** By number, then by word. */
function inOrder(a: string, b: string): number {
  const number = (channel: string): number => Number(/^\d+/.exec(channel)?.[0] ?? Number.MAX_SAFE_INTEGER);
  return number(a) - number(b) || compareText(a, b);
}
