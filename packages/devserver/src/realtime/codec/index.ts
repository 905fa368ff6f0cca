import { codecV1 } from './codecV1.ts';
import { codecV2 } from './codecV2.ts';
import type { Codec, Vsn } from './message.ts';

const CODECS: Record<Vsn, Codec> = { '1.0.0': codecV1, '2.0.0': codecV2 };

/** The codec a socket asked for by its `vsn` parameter (absent means 1.0.0), or `null` for any other version. */
export function codecFor(vsn: string | null): Codec | null {
  const asked = vsn ?? '1.0.0';
  return asked === '1.0.0' || asked === '2.0.0' ? CODECS[asked] : null;
}

export { CODECS };
