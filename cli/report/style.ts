/** The report's one style sheet, inside the page: the file must open anywhere, also from a mail. */
export const STYLE = `
:root { color-scheme: light; --ink: #1d1d1f; --soft: #6a6a70; --rule: #e3e3e8; --paper: #fff; }
* { box-sizing: border-box; }
body { margin: 0; background: #f6f6f8; color: var(--ink); font: 14px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 28px 24px 60px; }
.banner { background: #fff4d6; border: 1px solid #e6c96b; border-radius: 6px; padding: 8px 14px; font-weight: 600; letter-spacing: .02em; }
h1 { font-size: 26px; margin: 20px 0 4px; letter-spacing: -.01em; }
h2 { font-size: 17px; margin: 34px 0 8px; }
p.lead, p.about { color: var(--soft); margin: 0 0 12px; max-width: 76ch; }
.figures { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; }
.figures div { background: var(--paper); border: 1px solid var(--rule); border-radius: 8px; padding: 10px 16px; min-width: 128px; }
.figures b { display: block; font-size: 21px; font-weight: 650; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 12px; }
.panel { background: var(--paper); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; overflow-x: auto; }
.grid { display: flex; flex-wrap: wrap; gap: 8px 14px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 12px; padding-bottom: 6px; }
th { text-align: left; font-size: 12px; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--rule); padding: 4px 7px 4px 0; vertical-align: bottom; }
td, .verdict { white-space: nowrap; }
td { border-bottom: 1px solid #f0f0f3; padding: 3px 7px 3px 0; }
.num { text-align: right; } td.name { font-weight: 600; }
.verdict { color: var(--c); font-weight: 600; white-space: nowrap; } .verdict::before { content: "●"; margin-right: 6px; }
.also { color: var(--soft); font-size: 12px; }
.examples { display: flex; flex-wrap: wrap; gap: 12px; }
figure { margin: 0; width: 160px; font-size: 12px; color: var(--soft); } figure img { width: 160px; height: 160px; border-radius: 4px; display: block; }
figcaption b { color: var(--ink); }
svg text { font: 11px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .title { font-weight: 600; font-size: 12px; } svg .tick { fill: var(--soft); font-size: 9.5px; } svg .tiny { font-size: 7px; }
svg .grid { stroke: #eeeef1; } svg .half { stroke: #bdbdc4; stroke-dasharray: 3 3; } svg .axis { stroke: #9a9aa2; }
svg .curve { fill: none; stroke-width: 1.6; } svg .paper { fill: none; stroke-width: 1; stroke-dasharray: 1 3; } svg .interval { fill: none; stroke-width: 5; stroke-opacity: .5; } svg .whole, svg .stop { fill: none; stroke-width: 1.2; }
svg .course { fill: none; stroke-width: 1.5; }
svg .truth { stroke: #b3261e; stroke-width: 1.3; stroke-dasharray: 5 3; } svg .cmax { fill: #3a3a40; }
svg .well { stroke: #cfcfd6; stroke-width: .6; } svg .vehicle { stroke: #d9730d; stroke-width: 1.5; } svg .untreated { stroke: #1d1d1f; stroke-width: 1.5; }
svg .hollow { stroke-dasharray: 2 1.5; } svg .cross { stroke: #b3261e; stroke-width: 1.4; fill: none; }
svg .pair { fill: #2a6f9e; fill-opacity: .35; } svg .guide { stroke: #d0d0d6; } svg .stem { stroke: #c9c9d0; }
.key { color: var(--soft); font-size: 12px; display: flex; flex-wrap: wrap; gap: 16px; align-items: center; margin: 6px 0 10px; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 50%; vertical-align: -1px; margin-right: 5px; }
.rampbar { display: inline-block; width: 120px; height: 10px; border-radius: 3px; vertical-align: -1px; margin: 0 6px; }
footer { margin-top: 40px; color: var(--soft); font-size: 12px; max-width: 90ch; }
@media print { body { background: #fff; } .panel { break-inside: avoid; } }
`;
