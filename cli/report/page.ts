/** The report as one self-contained HTML page: no script, no link, nothing to fetch. */
import { NOT_COVERED } from '../../lambdas/domain/verdict/verdict-statement.ts';
import { accuracyPanel } from './accuracy.ts';
import { dayColour, ramp } from './colour.ts';
import type { ReportData, ReportImage } from './data.ts';
import { doseResponsePanel } from './dose-response.ts';
import { heatMap } from './heat-map.ts';
import { rankingTable } from './ranking.ts';
import { STYLE } from './style.ts';
import { escapeText } from './svg.ts';
import { timeCoursePanel } from './time-course.ts';

const section = (title: string, about: string, body: string): string =>
  `<section><h2>${title}</h2><p class="about">${about}</p><div class="panel">${body}</div></section>`;

const fact = (value: string, label: string): string => `<div><b>${value}</b><span>${label}</span></div>`;

export function reportPage(data: ReportData): string {
  const plates = data.plates.flatMap((plate) => plate.days.map(({ day, wells }) => heatMap(plate, day, wells)));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeText(data.study)}: SIMULATED IMAGES</title><style>${STYLE}</style></head><body><main>
<div class="banner">SIMULATED IMAGES · nothing on this page is a measurement of a real drug</div>
<h1>${escapeText(data.study)}</h1>
<p class="lead">A simulated drug screen that went through the deployed template: files into S3, viability out of NViR, ranking out of the API. Microscope: ${escapeText(data.microscope)}, one that the model was not trained on. Model: ${escapeText(data.model)}.</p>
${keyFigures(data)}
${section('Ranking', rankingNote(data), rankingTable(data.compounds, data.rankingDay))}
${section('Dose-response', 'Medians over replicates, normalised to the vehicle wells of the same plate read, with the curve that the wells support (solid), the 95 % interval of its IC50 (bars near one half: thin the whole; thick what the wells alone say, without the error that the model shares over all wells), and the paper’s two-parameter fit (dotted). The dashed red line is the true IC50 of the last day, the triangle is Cmax.', `${dayKey(data.days)}<div class="grid">${data.compounds.map((c) => doseResponsePanel(c, data.days)).join('')}</div>`)}
${section('Time courses', 'A line a concentration, pale = lowest, dark = highest dose. Onset: first day with a loss of 20 % at a tested dose by the supported curve. Delayed: the last day shows clearly what the first does not.', `<div class="grid">${data.compounds.map((c) => timeCoursePanel(c, data.days)).join('')}</div>`)}
${section('Plates', 'Normalised viability of each well. Orange ring: vehicle; black ring: untreated; red cross: rejected image; hollow: no image.', `${viabilityKey()}<div class="grid">${plates.join('')}</div>`)}
${section('Accuracy against the simulation’s truth', 'An image a dot, before normalisation; rejected images have no viability.', accuracyPanel(data.accuracy))}
${section('What NViR saw', 'The exact 256 × 256 inputs, from dead to alive.', `<div class="examples">${data.examples.map(example).join('')}</div>`)}
<footer>Verdict thresholds on the margin of safety are conventions, not facts about a patient; “unknown” is not “harmless”. ${NOT_COVERED} True IC50s are published hLiMT values (Proctor 2017; Fäs 2025) that the simulation was told to follow.</footer>
</main></body></html>
`;
}

function keyFigures({ books, speed, accuracy, auc }: ReportData): string {
  return `<div class="figures">${[
    fact(String(books.images), 'images'),
    fact(`${books.readings} + ${books.rejected}`, 'read + rejected'),
    fact(String(books.missing), 'missing'),
    fact(`${speed.imagesPerSecond.toFixed(0)}/s`, `images, in ${speed.seconds.toFixed(0)} s`),
    fact(accuracy.r2.toFixed(3), 'R² against the truth'),
    fact(accuracy.mae.toFixed(3), 'MAE, viability'),
    fact(auc.supported === null ? '–' : auc.supported.toFixed(2), 'ROC AUC by MOS'),
    fact(auc.exposureOnly === null ? '–' : auc.exposureOnly.toFixed(2), `AUC by 1/Cmax alone, n = ${auc.n}`),
  ].join('')}</div>`;
}

const rankingNote = ({ auc }: ReportData): string =>
  escapeText(auc.note ?? `ROC AUC rests on ${auc.n} labelled drugs; read it beside the exposure-only baseline.`);

const dayKey = (days: readonly number[]): string =>
  `<div class="key">${days.map((day, i) => `<span><i class="swatch" style="background:${dayColour(i, days.length)}"></i>day ${day}</span>`).join('')}</div>`;

function viabilityKey(): string {
  const stops = Array.from({ length: 9 }, (_, i) => ramp(i / 8)).join(',');
  return `<div class="key"><span>0 <i class="rampbar" style="background:linear-gradient(90deg,${stops})"></i> 1.2</span></div>`;
}

const example = (image: ReportImage): string =>
  `<figure><img alt="well ${escapeText(image.well)}" src="${image.dataUri}"><figcaption>${escapeText(image.well)}, day ${image.day}<br>true <b>${image.truth.toFixed(2)}</b>, read <b>${image.predicted.toFixed(2)}</b></figcaption></figure>`;
