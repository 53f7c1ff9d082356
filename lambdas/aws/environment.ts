/** Variables that the template gives a function. */

/** @throws at start, naming the variable, so that a forgotten one shows in the first line of the log. */
export function required(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
}
