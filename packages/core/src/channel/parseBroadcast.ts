import { asRecord } from '../lib/asRecord.ts';
import { textOf } from '../lib/textOf.ts';
import { redact } from '../pipeline/redact.ts';
import { validate } from '../pipeline/validate.ts';
import type { ChannelDefinition } from './defineChannel.ts';
import type { Invalid, Parsed } from './parseChange.ts';
import type { Broadcast } from './types.ts';

/** Turns the payload of a `broadcast` message into a typed message. Its content is another client's word. */
export function parseBroadcast(message: unknown, definition: ChannelDefinition): Parsed<Broadcast<string, unknown>> {
  const { event, payload, meta } = asRecord(message);
  const refuse = (reason: Invalid['reason'], issues: Invalid['issues']): Parsed<never> => ({
    ok: false,
    invalid: { kind: 'broadcast', event: textOf(event), table: null, key: null, reason, issues, sample: redact(payload) },
  });
  if (typeof event !== 'string') return refuse('malformed', [{ message: 'the message has no event name' }]);
  const schema = Object.hasOwn(definition.broadcasts, event) ? definition.broadcasts[event] : undefined;
  if (schema === undefined) return refuse('unknown-event', [{ message: 'the definition has no such event' }]);
  const checked = validate(schema, payload);
  if (!checked.ok) return refuse('schema', checked.issues);
  const { id, replayed } = asRecord(meta);
  return {
    ok: true,
    value: { event, payload: checked.value, meta: { ...(typeof id === 'string' && { id }), ...(typeof replayed === 'boolean' && { replayed }) } },
  };
}
