import { unacceptableMedia } from './errors.ts';

/** The representations that a reply can have. */
export interface Media {
  readonly format: 'array' | 'object' | 'csv';
  readonly stripNulls: boolean;
  /** Value of the reply's `Content-Type`. */
  readonly contentType: string;
}

const JSON_MEDIA: Media = { format: 'array', stripNulls: false, contentType: 'application/json; charset=utf-8' };
const ARRAY = 'application/vnd.pgrst.array+json';
const OBJECT = 'application/vnd.pgrst.object+json';

/**
 * The first media type of `Accept` that can be served.
 * @throws ApiError PGRST107 when none can. Query plans and GeoJSON are among those: Supabase leaves them off.
 */
export function negotiateMedia(accept: string | null): Media {
  const types = (accept ?? '*/*').split(',').map((type) => type.trim().replace(/\s*;\s*/g, ';'));
  const [media] = types.map(mediaOf).filter((known) => known !== null);
  if (media === undefined) throw unacceptableMedia(types.join(', '));
  return media;
}

function mediaOf(type: string): Media | null {
  const [essence = '', ...parameters] = type.toLowerCase().split(';');
  const stripNulls = parameters.includes('nulls=stripped');
  const suffix = `${stripNulls ? ';nulls=stripped' : ''}; charset=utf-8`;
  switch (essence) {
    case '':
    case '*/*':
    case 'application/*':
    case 'application/json':
      return JSON_MEDIA;
    case ARRAY:
    case 'application/vnd.pgrst.array':
      return stripNulls ? { format: 'array', stripNulls, contentType: `${ARRAY}${suffix}` } : JSON_MEDIA;
    case OBJECT:
    case 'application/vnd.pgrst.object':
      return { format: 'object', stripNulls, contentType: `${OBJECT}${suffix}` };
    case 'text/csv':
      return { format: 'csv', stripNulls: false, contentType: 'text/csv; charset=utf-8' };
    default:
      return null;
  }
}
