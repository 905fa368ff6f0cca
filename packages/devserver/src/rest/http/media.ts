import type { RestSettings } from '../schema/settings.ts';
import { unacceptableMedia } from './errors.ts';

/** The representations that a reply can have. */
export interface Media {
  readonly format: 'array' | 'object' | 'csv';
  readonly stripNulls: boolean;
  /** Value of the reply's `Content-Type`. */
  readonly contentType: string;
  /** Set when not the rows are wanted but how Postgres would find them. */
  readonly plan: PlanMedia | null;
}

/** How a query plan is shown, as the options of `explain`. */
export interface PlanMedia {
  readonly format: 'text' | 'json';
  readonly options: readonly PlanOption[];
}

type PlanOption = (typeof PLAN_OPTIONS)[number];
const PLAN_OPTIONS = ['analyze', 'verbose', 'settings', 'buffers', 'wal'] as const;

const JSON_MEDIA: Media = { format: 'array', stripNulls: false, contentType: 'application/json; charset=utf-8', plan: null };
const ARRAY = 'application/vnd.pgrst.array+json';
const OBJECT = 'application/vnd.pgrst.object+json';
const PLAN = /^application\/vnd\.pgrst\.plan(?:\+(text|json))?$/;

/**
 * The first media type of `Accept` that can be served.
 * @throws ApiError PGRST107 when none can. Query plans are among those unless they are enabled, and GeoJSON always.
 */
export function negotiateMedia(accept: string | null, { plans }: Pick<RestSettings, 'plans'>): Media {
  const types = splitTypes(accept ?? '*/*').map((type) => type.replace(/\s*;\s*/g, ';'));
  const [media] = types.map((type) => mediaOf(type, plans)).filter((known) => known !== null);
  if (media === undefined) throw unacceptableMedia(types.join(', '));
  return media;
}

/** The media type of a plan names another in quotes, whose commas separate nothing. */
function splitTypes(accept: string): string[] {
  return (accept.match(/(?:"[^"]*"|[^,"])+/g) ?? ['']).map((type) => type.trim());
}

function mediaOf(type: string, plans: boolean): Media | null {
  const [essence = '', ...parameters] = type.toLowerCase().split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/);
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
      return stripNulls ? { ...JSON_MEDIA, stripNulls, contentType: `${ARRAY}${suffix}` } : JSON_MEDIA;
    case OBJECT:
    case 'application/vnd.pgrst.object':
      return { format: 'object', stripNulls, contentType: `${OBJECT}${suffix}`, plan: null };
    case 'text/csv':
      return { format: 'csv', stripNulls: false, contentType: 'text/csv; charset=utf-8', plan: null };
    default:
      return plans ? planMediaOf(essence, parameters) : null;
  }
}

/** `application/vnd.pgrst.plan+json; for="application/json"; options=analyze|verbose`. */
function planMediaOf(essence: string, parameters: readonly string[]): Media | null {
  const match = PLAN.exec(essence);
  if (match === null) return null;
  const format = match[1] === 'json' ? 'json' : 'text';
  const valueOf = (name: string) => parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const shown = valueOf('for').replaceAll('"', '');
  const named = valueOf('options').split('|');
  const options = PLAN_OPTIONS.filter((option) => named.includes(option));
  const media = mediaOf(shown, false) ?? JSON_MEDIA;
  const listed = options.length === 0 ? '' : `; options=${options.join('|')}`;
  return { ...media, plan: { format, options }, contentType: `application/vnd.pgrst.plan+${format}; for="${shown === '' ? 'application/json' : shown}"${listed}; charset=utf-8` };
}
