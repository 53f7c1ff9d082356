/** Numbers on the command line: what is none ends the command with exit code 2, before anything is done. */
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** @returns a parser of whole numbers between two, both included. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`give a whole number from ${least} to ${most}.`);
    return value;
  };

/** @returns a parser of numbers from zero on. @param what names the number to who got it wrong. */
export const numberOf =
  (what: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError(`give ${what}.`);
    return value;
  };

/** `2026-03-02` */
export function calendarDay(text: string): string {
  // Date.parse takes the 30th of February for the 2nd of March.
  if (!z.iso.date().safeParse(text).success)
    throw new InvalidArgumentError('give a day of the calendar as 2026-03-02.');
  return text;
}

/** `a,b`; the word none stands for no name at all. */
export const nameList = (text: string): string[] => (text === 'none' ? [] : text.split(',').map((name) => name.trim()));

/** A share, from 0 to 1. */
export function shareOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > 1)
    throw new InvalidArgumentError('give a share from 0 to 1, such as 0.2.');
  return value;
}
