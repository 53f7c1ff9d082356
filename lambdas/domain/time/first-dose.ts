/** The day of the first dose: a read on it comes before the compound can act, and says nothing of it. */
export const isBeforeEffect = (day: number): boolean => day <= 0;

export const BEFORE_EFFECT = 'read on the day of the first dose, before it can act';
