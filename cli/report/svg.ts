/** The little that the report's pictures share: scales, axes and escaping. Pictures are SVG strings, so the page needs no script. */

export const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

export type Scale = (value: number) => number;

export const linearScale =
  (domain: readonly [number, number], range: readonly [number, number]): Scale =>
  (value) =>
    range[0] + ((value - domain[0]) / (domain[1] - domain[0])) * (range[1] - range[0]);

export const logScale = (domain: readonly [number, number], range: readonly [number, number]): Scale => {
  const linear = linearScale([Math.log10(domain[0]), Math.log10(domain[1])], range);
  return (value) => linear(Math.log10(value));
};

/** Powers of ten within a domain. */
export function decades([low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => 10 ** (first + i));
}

/** 0.001 → `0.001`, 1e5 → `10⁵`: short enough for a tick. */
export function tickLabel(value: number): string {
  if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(3)));
  const exponent = Math.round(Math.log10(value));
  const superscript = [...String(exponent)].map((c) => (c === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? c))).join('');
  return `10${superscript}`;
}

const n = (value: number): string => String(Math.round(value * 10) / 10);

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): string =>
  `<line class="${className}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`;

export const text = (x: number, y: number, content: string, className = '', anchor = 'middle'): string =>
  `<text class="${className}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escapeText(content)}</text>`;

export const path = (points: readonly (readonly [number, number])[], className: string, stroke?: string): string => {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${n(x)},${n(y)}`).join('');
  return `<path class="${className}" d="${d}"${stroke ? ` stroke="${stroke}"` : ''}/>`;
};

export const dot = (x: number, y: number, radius: number, fill: string, title?: string): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" fill="${fill}">${title ? `<title>${escapeText(title)}</title>` : ''}</circle>`;

export const svg = (width: number, height: number, label: string, body: string): string =>
  `<svg role="img" aria-label="${escapeText(label)}" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}">${body}</svg>`;
