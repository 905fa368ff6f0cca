import { RealtimeError } from '../errors.ts';
import type { TableReader } from './tableReader.ts';

/** A reader that asks for nothing more once the query is not in use: what is under way when it ends goes no further. */
export function createUsedReader(reader: TableReader, isUsed: () => boolean): TableReader {
  return {
    read: (...asked) => (isUsed() ? reader.read(...asked) : Promise.reject(notUsed())),
    readTexts: (...asked) => (isUsed() ? reader.readTexts(...asked) : Promise.reject(notUsed())),
    end: () => { reader.end(); },
  };
}

/** Why nothing is read for a query that is not in use. */
export function notUsed(): RealtimeError {
  return new RealtimeError('channel/not-live', 'nobody subscribes to the query');
}
