import type { TokenClaims, Tokens } from '../tokens/index.ts';

/** Which tokens a rule is about. */
type IsMeant = (claims: TokenClaims) => boolean;

/** Tokens that can be made to count as expired before their time. */
export interface ExpirableTokens extends Tokens {
  /** Makes the tokens in use that are meant expire now; those signed later hold. Returns what takes it back. */
  expire(isMeant: IsMeant): () => void;
  /** Whether a token counts as expired by {@link ExpirableTokens.expire}, with the seconds since then; else `null`. */
  expiredFor(text: string, claims: TokenClaims): number | null;
}

interface Rule {
  isMeant: IsMeant;
  atMs: number;
  /** Tokens signed after it within the same second, which their `iat` does not tell. */
  later: Set<string>;
}

/** Options of {@link expirable}. */
export interface ExpirableOptions {
  now: () => number;
  /** The project's API keys: they stand for the project, not for a person, and do not expire. */
  apiKeys: readonly string[];
}

/** Tokens as they are, until some are made to expire. */
export function expirable(tokens: Tokens, { now, apiKeys }: ExpirableOptions): ExpirableTokens {
  const spared = new Set(apiKeys);
  let rules: Rule[] | null = null;

  const expiredFor = (text: string, claims: TokenClaims): number | null => {
    const rule = spared.has(text) ? undefined : rules?.find((candidate) => isBefore(candidate, text, claims) && candidate.isMeant(claims));
    return rule === undefined ? null : Math.floor((now() - rule.atMs) / 1000);
  };

  return {
    expiredFor,

    expire(isMeant) {
      const rule: Rule = { isMeant, atMs: now(), later: new Set() };
      rules = [...(rules ?? []), rule];
      return () => {
        const rest = rules?.filter((other) => other !== rule) ?? [];
        rules = rest.length === 0 ? null : rest;
      };
    },

    async sign(claims, options) {
      const text = await tokens.sign(claims, options);
      for (const rule of rules ?? []) if (secondOf(now()) === secondOf(rule.atMs)) rule.later.add(text);
      return text;
    },

    async verify(text) {
      const result = await tokens.verify(text);
      if (rules === null || !result.ok) return result;
      // True: only a text can be verified.
      const agoS = expiredFor(text as string, result.token.claims);
      return agoS === null ? result : { ok: false, failure: { reason: 'expired', agoS, claims: result.token.claims } };
    },
  };
}

/** A token without time of issue counts as old. */
function isBefore({ atMs, later }: Rule, text: string, { iat }: TokenClaims): boolean {
  return !later.has(text) && (typeof iat !== 'number' || iat <= secondOf(atMs));
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}
