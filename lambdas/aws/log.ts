import { Logger } from '@aws-lambda-powertools/logger';

/** What a function notes down, one JSON object a line. */
export interface Log {
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

/** The function's log; its name is in POWERTOOLS_SERVICE_NAME, its level in LOG_LEVEL. */
export function functionLog(): Log {
  const logger = new Logger();
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, facts: Record<string, unknown> = {}): void =>
      logger[level](message, facts);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
