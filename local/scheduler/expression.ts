const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The time between two runs of a schedule. Rates only: a calendar rule (`cron(…)`, `at(…)`) means certain hours of the
 * day, which a scaled clock cannot keep.
 */
export function scheduleIntervalMs(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const unit = UNIT_MS[match?.[2] ?? ''];
  const count = Number(match?.[1]);
  if (unit === undefined || !(count > 0)) {
    throw new Error(`schedule ${expression} is not known to the local cloud: it runs rate(…) schedules`);
  }
  return count * unit;
}
