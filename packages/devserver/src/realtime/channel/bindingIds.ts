import { canonicalJson, membersOf } from '../codec/jsonSlices.ts';
import type { RequestedBinding } from './joinConfig.ts';

/** Ids are below this, as Erlang's `phash2` makes them on the real server. */
const RANGE = 2 ** 27;

/** The id of a binding: a hash of what it says, so that equal bindings have equal ids, also across clients. */
export function bindingId({ json }: RequestedBinding): number {
  // FNV-1a, 32 bit (http://www.isthe.com/chongo/tech/comp/fnv/).
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(canonicalJson(json))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % RANGE;
}

/** The binding as sent, with its id: what the join reply lists. */
export function echoBinding(binding: RequestedBinding): string {
  const members = membersOf(binding.json);
  return `{"id":${bindingId(binding)}${members === '' ? '' : `,${members}`}}`;
}
