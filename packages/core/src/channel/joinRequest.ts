import type { Binding, JoinRequest } from '../wire/types.ts';
import type { ChannelDefinition, TableDefinition } from './defineChannel.ts';
import { toWireFilter } from './filter.ts';

const ALL_EVENTS = 3;

/** What the channel of a definition asks the server for. */
export function joinRequest(definition: ChannelDefinition, params: unknown, userId: string | null): JoinRequest {
  return {
    topic: definition.topic(params as never), // the caller gave the params of this definition
    private: definition.private,
    bindings: Object.entries(definition.tables).flatMap(([table, options]) => bindings(table, options, params)),
    broadcasts: Object.keys(definition.broadcasts).length > 0,
    // One key for all of a person's tabs and devices. Without a person one may look, under a key of the server's choice.
    presence: definition.presence === undefined ? null : { key: userId ?? '' },
  };
}

function bindings(table: string, { schema = 'public', events, filter }: TableDefinition, params: unknown): Binding[] {
  const where = filter === undefined ? {} : { filter: toWireFilter(filter(params as never)) }; // as above
  const distinct = new Set(events ?? []);
  if (distinct.size === 0 || distinct.size === ALL_EVENTS) return [{ event: '*', schema, table, ...where }];
  return [...distinct].map((event) => ({ event, schema, table, ...where }));
}
