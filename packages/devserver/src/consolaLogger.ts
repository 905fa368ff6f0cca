import type { ConsolaInstance } from 'consola';
import type { LogFields, Logger } from './logger.ts';

/** Lines of the terminal: the message, then its facts as `name=value`. */
export function consolaLogger(consola: ConsolaInstance): Logger {
  return {
    debug: (message, fields) => consola.debug(line(message, fields)),
    info: (message, fields) => consola.info(line(message, fields)),
    warn: (message, fields) => consola.warn(line(message, fields)),
    error: (message, fields) => consola.error(line(message, fields)),
  };
}

function line(message: string, fields: LogFields = {}): string {
  return [message, ...Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)].join(' ');
}
