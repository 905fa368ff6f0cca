import { EventEmitter, once } from 'node:events';
import type { Logger } from '../../src/logger.ts';

/** A logger that keeps its lines as `level message`, for tests to look at. */
export interface RecordingLogger extends Logger {
  readonly lines: string[];
  /** Resolves once a line is there, now or later. */
  logged(line: string): Promise<void>;
}

export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const news = new EventEmitter();
  const record = (level: string) => (message: string) => {
    lines.push(`${level} ${message}`);
    news.emit('line');
  };
  return {
    lines,
    async logged(line) {
      while (!lines.includes(line)) await once(news, 'line');
    },
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  };
}
