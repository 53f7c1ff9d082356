/** The named runs: small lives of the stack, each of which uses some of its wires, all of them together every one. */
import sharp from 'sharp';
import { Noticed, WiredCloud } from './cloud.ts';
import type { Template } from './mutations.ts';

export interface RunContext {
  assembly: string;
  modelUrl: string;
  patience_ms: number;
}

export type Run = (template: Template, context: RunContext) => Promise<void>;

const STUDY = 's1';
/** The local cloud's word on a question that it is right to refuse. */
const UNSIGNED = /refused: the request is not signed/;
/** For runs in which everything is meant to fail. */
const EVERYTHING = /^/;
const base = `exports/${STUDY}`;
const wells = ['A01', 'A02', 'B01', 'B02', 'B03'] as const;
const map = [
  'well,compound,concentration_uM,role',
  'A01,dmso,0,vehicle',
  'A02,dmso,0,vehicle',
  'B01,troglitazone,1,treated',
  'B02,troglitazone,10,treated',
  'B03,troglitazone,100,treated',
].join('\n');
const notes = (more: object = {}) =>
  JSON.stringify({
    location: 'bench',
    microscope: 'scope',
    cellModel: 'hepg2',
    firstDosing: '2026-03-02T09:00:00+01:00',
    imagingDays: [7],
    // Five wells support no curve; the paper's fit gives them a label, and with it news.
    method: 'nvir',
    ...more,
  });
const imageKey = (well: string, day = 7, plate = 'P1') => `${base}/${plate}/day${day}/${well}.png`;
const routes = (plate = 'P1') => [
  '/v1/studies',
  `/v1/studies/${STUDY}`,
  `/v1/studies/${STUDY}/plates/${plate}`,
  `/v1/studies/${STUDY}/plates/${plate}/readings`,
  `/v1/studies/${STUDY}/plates/${plate}/wells/A01`,
  `/v1/studies/${STUDY}/compounds/troglitazone`,
  `/v1/studies/${STUDY}/dili`,
];

/** Images first, notes later, then a re-upload, a removal, and every question to the API. */
export const arrival: Run = async (template, context) => {
  await WiredCloud.with(
    { ...context, template: withSchedule(template, 'DISABLED'), clockRate: 20, tolerates: UNSIGNED },
    async (cloud) => {
      for (const [index, well] of wells.entries()) await cloud.put(imageKey(well), await png(250 - 50 * index));
      await cloud.put(imageKey('A01', 14), await png(200));
      await cloud.until('six readings', async () => (await readings(cloud)).length === 6);
      await cloud.until('a score by news of readings', () => isScored(cloud));
      await cloud.settled();

      // Nothing but the notes asks for this score; the declared bit depth makes the sweep read everything again.
      await cloud.put(`${base}/P1/platemap.csv`, map);
      await cloud.until('a curve by news of the plate map', async () => (await days(cloud)).length === 2);
      await cloud.put(`${base}/study.json`, notes({ bitDepth: 8 }));
      await cloud.until('readings under the declared bit depth', async () => {
        const found = await readings(cloud);
        return found.length === 6 && found.every(({ revision }) => revision === 2);
      });
      await cloud.settled();

      for (const path of routes()) {
        const { status, json } = await cloud.get(path);
        if (status !== 200) throw new Noticed(`${path} answers ${status}: ${JSON.stringify(json).slice(0, 200)}`);
        const open = await cloud.get(path, { signed: false });
        if (open.status !== 403) throw new Noticed(`${path} answers ${open.status} to nobody`);
      }
      await cloud.until('news of a verdict', () => cloud.told().includes('VerdictChanged'));
      for (const type of ['PlateCompleted', 'PlateIncomplete']) await cloud.announce(busOf(template), type);
      await cloud.until('news of plates', () =>
        ['PlateCompleted', 'PlateIncomplete'].every((type) => cloud.told().includes(type)),
      );

      await cloud.put('elsewhere/x.png', await png(1));
      await cloud.remove('elsewhere/x.png');
      await cloud.remove(imageKey('A01', 14));
      await cloud.until('the removed image forgotten', async () => (await readings(cloud)).length === 5);
      await cloud.until('its day forgotten', async () => (await days(cloud)).length === 1);
      await cloud.settled();
    },
  );
};

/** The scheduled sweep mends what events missed: a lost reading, a lost score, a complete plate that nobody told of. */
export const sweep: Run = async (template, context) => {
  const settings = { ...context, template: withSchedule(template, 'ENABLED'), clockRate: 20 };
  await WiredCloud.with(settings, async (cloud) => {
    await cloud.put(`${base}/study.json`, notes());
    await cloud.put(`${base}/P1/platemap.csv`, map);
    for (const [index, well] of wells.entries()) await cloud.put(imageKey(well), await png(250 - 50 * index));
    await cloud.until('five readings', async () => (await readings(cloud)).length === 5);
    await cloud.until('a curve', async () => (await days(cloud)).length === 1);
    await cloud.settled();
    await cloud.removeItem('ReadingsTableName', { plateKey: `${STUDY}/P1`, sortKey: 'c#day7/A01.png' });
    await cloud.until('the reading again', async () => (await readings(cloud)).length === 5);
    await cloud.settled();
    await cloud.removeItem('ScoresTableName', { study: STUDY, sortKey: 'plate#P1' });
    await cloud.removeItem('ScoresTableName', { study: STUDY, sortKey: 'compound#troglitazone#day#007' });
    await cloud.until('the score again', async () => {
      const { json } = await cloud.get(`/v1/studies/${STUDY}/compounds/troglitazone`);
      return (json as { days: unknown[] }).days.length === 1;
    });
    await cloud.until('news of the complete plate', () => cloud.told().includes('PlateCompleted'));
    // And it is marked as told.
    await cloud.settled();
  });
};

/** Scores that outgrow a table's item are kept in the bucket, and found there. */
export const large: Run = async (template, context) => {
  await WiredCloud.with({ ...context, template: withSchedule(template, 'DISABLED'), clockRate: 20 }, async (cloud) => {
    const rows = Array.from({ length: 26 }, (_, row) =>
      Array.from({ length: 30 }, (_, column) => {
        const well = `${String.fromCharCode(65 + row)}${column + 1}`;
        return `${well},${well}-${'long-name-'.repeat(16)},1,treated`;
      }),
    ).flat();
    await cloud.put(`${base}/P1/platemap.csv`, ['well,compound,concentration_uM,role', ...rows].join('\n'));
    await cloud.put(`${base}/study.json`, notes());
    await cloud.put(imageKey('A01'), await png(200));
    await cloud.until('a ranking of 780 compounds', async () => {
      const { status, json } = await cloud.get(`/v1/studies/${STUDY}/dili`);
      if (status !== 200) throw new Noticed(`the ranking answers ${status}`);
      return (json as { compounds: unknown[] }).compounds.length === rows.length;
    });
  });
};

/** Every function fails for ever: what it worked on is set aside, each in its place. */
export const failing: Run = async (template, context) => {
  const broken = withoutSuccess(template);
  givingUpSoon(broken);
  withoutScheduleDeadLetters(broken);
  const settings = {
    ...context,
    // A plan a second of this clock; more of them would leave the sweep no time for the queue.
    template: withSchedule(broken, 'ENABLED', 'rate(30 minutes)'),
    clockRate: 1500,
    tolerates: EVERYTHING,
  };
  await WiredCloud.with(settings, async (cloud) => {
    await cloud.put(imageKey('A01'), await png(200));
    await cloud.put(imageKey('A02'), 'a rejected image makes a reading without the model');
    await cloud.put(`${base}/study.json`, notes());
    await cloud.send('SweepQueueUrl', { kind: 'sweep-study', study: 'asked-for' });
    const holds = (queue: string, part: string) => async () =>
      (await cloud.peek(queue)).some((body) => body.includes(part));
    await cloud.until('the image set aside', holds('IntakeDeadLetterQueueUrl', 'A01.png'));
    await cloud.until('the study set aside', holds('ScoringDeadLetterQueueUrl', STUDY));
    await cloud.until('the sweep of a study set aside', holds('SweepDeadLetterQueueUrl', 'asked-for'));
    await cloud.until('the plan of the schedule set aside', holds('SweepDeadLetterQueueUrl', '{"kind":"sweep"}'));
    await cloud.until('the news set aside', holds('NotifyFailureQueueUrl', 'DDBStreamBatchInfo'));
  });
};

/** Every function fails: what it worked on is not taken for done. On AWS's own clock, so that nothing comes back meanwhile. */
export const kept: Run = async (template, context) => {
  const settings = {
    ...context,
    template: withSchedule(withoutSuccess(template), 'DISABLED'),
    clockRate: 1,
    tolerates: EVERYTHING,
  };
  await WiredCloud.with(settings, async (cloud) => {
    await cloud.put(imageKey('A01'), await png(200));
    await cloud.put(`${base}/P1/platemap.csv`, map);
    await cloud.send('SweepQueueUrl', { kind: 'sweep-study', study: 'asked-for' });
    await Promise.all([
      cloud.keeps('IntakeQueueUrl', 'IntakePreprocess'),
      cloud.keeps('ScoringQueueUrl', 'ScoringScore'),
      cloud.keeps('SweepQueueUrl', 'SweepingSweep'),
    ]);
  });
};

/** Targets that refuse: what could not be handed over is set aside. */
export const refused: Run = async (template, context) => {
  const closed = structuredClone(template);
  dropStatements(closed, 'AnnouncementsTopicPolicy', 'sns:Publish');
  dropStatements(closed, 'SweepingScheduleRoleDefaultPolicy', 'lambda:InvokeFunction');
  const settings = {
    ...context,
    template: withSchedule(closed, 'ENABLED'),
    clockRate: 60,
    tolerates: EVERYTHING,
  };
  await WiredCloud.with(settings, async (cloud) => {
    await cloud.announce(busOf(template), 'VerdictChanged');
    await cloud.until('the announcement set aside', async () =>
      (await cloud.peek('AnnouncementDeadLetterQueueUrl')).some((body) => body.includes('VerdictChanged')),
    );
    await cloud.until('the start set aside', async () => (await cloud.peek('SweepDeadLetterQueueUrl')).length > 0);
  });
};

export const runs = { arrival, sweep, large, failing, kept, refused } as const;

async function readings(cloud: WiredCloud): Promise<{ revision: number }[]> {
  const { status, json } = await cloud.get(`/v1/studies/${STUDY}/plates/P1/readings`);
  return status === 200 ? (json as { readings: { revision: number }[] }).readings : [];
}

async function isScored(cloud: WiredCloud): Promise<boolean> {
  const { status, json } = await cloud.get(`/v1/studies/${STUDY}`);
  return status === 200 && (json as { scoredAt: string | null }).scoredAt !== null;
}

/** Days with a curve of the study's one compound. */
async function days(cloud: WiredCloud): Promise<unknown[]> {
  const { status, json } = await cloud.get(`/v1/studies/${STUDY}/compounds/troglitazone`);
  return status === 200 ? (json as { days: unknown[] }).days : [];
}

/** The sweep on the run's clock, or never. */
function withSchedule(template: Template, state: 'ENABLED' | 'DISABLED', expression = 'rate(1 minute)'): Template {
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type === 'AWS::Scheduler::Schedule')
      Object.assign(Properties, { ScheduleExpression: expression, State: state });
  }
  return copy;
}

function busOf(template: Template): string {
  const bus = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::Events::EventBus');
  return String(bus?.Properties['Name']);
}

const idOf = (template: Template, construct: string): string => {
  const id = Object.keys(template.Resources).find((candidate) => candidate.replace(/[0-9A-F]{8}$/, '') === construct);
  if (id === undefined) throw new Error(`the template has no ${construct}`);
  return id;
};

function setVariable(template: Template, construct: string, name: string, value: string): void {
  const { Environment } = template.Resources[idOf(template, construct)]?.Properties ?? {};
  const variables = (Environment as { Variables: Record<string, string> }).Variables;
  // A cut that took the variable away stays a cut.
  if (name in variables) variables[name] = value;
}

/** Nothing that any function works on can be done. */
function withoutSuccess(template: Template): Template {
  const broken = structuredClone(template);
  setVariable(broken, 'IntakePreprocessFunction', 'ENDPOINT_NAME', 'nowhere');
  setVariable(broken, 'ScoringScoreFunction', 'SCORES_TABLE', 'nowhere');
  setVariable(broken, 'SweepingSweepFunction', 'EXPORT_BUCKET', 'nowhere');
  setVariable(broken, 'ReadingNewsNotifyFunction', 'SCORING_QUEUE_URL', 'http://127.0.0.1:9/nowhere');
  return broken;
}

/** Few tries: what becomes of failures is looked at here, not how long they are tried. */
function givingUpSoon(template: Template): void {
  for (const { Properties } of Object.values(template.Resources)) {
    if (Properties.RedrivePolicy) Object.assign(Properties.RedrivePolicy, { maxReceiveCount: 2 });
    if (Properties.MaximumRetryAttempts !== undefined) Properties.MaximumRetryAttempts = 1;
  }
}

/** What the function itself could not do is kept by the function, not by the schedule that started it. */
function withoutScheduleDeadLetters(template: Template): void {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type === 'AWS::Scheduler::Schedule')
      delete (Properties.Target as { DeadLetterConfig?: unknown }).DeadLetterConfig;
  }
}

function dropStatements(template: Template, construct: string, action: string): void {
  const { PolicyDocument } = template.Resources[idOf(template, construct)]?.Properties ?? {};
  const document = PolicyDocument as { Statement: { Action: unknown; Effect: string }[] };
  document.Statement = document.Statement.filter(({ Action, Effect }) => Effect === 'Deny' || Action !== action);
}

/** An 8-bit gray picture of 64 × 64, all of one value: what the runs need of an image. */
const png = (value: number): Promise<Uint8Array> =>
  sharp(Buffer.alloc(64 * 64, value), { raw: { width: 64, height: 64, channels: 1 } })
    .png()
    .toBuffer();
