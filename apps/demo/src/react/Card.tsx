import type { FeatureState } from '@ruwad/realtime-core/ruwad';
import type { ReactNode } from 'react';
import { explain } from '../commands/explain.ts';
import type { Choice as ChoiceOption } from '../view/choices.ts';
import type { ChannelId } from '../view/channels.ts';
import { reasonOf } from '../view/reason.ts';
import { TONE_OF_FEATURE } from '../view/tone.ts';
import { useLocale } from './context.ts';

export interface CardProps {
  id: ChannelId;
  /** Topic on the wire. */
  topic: string;
  state: FeatureState;
  /** Said in place of the data to those who may not see it. */
  notice?: string | undefined;
  children: ReactNode;
  /** What causes a change. */
  control: ReactNode;
}

/** One channel: what it is, how it is, what it brings, and what makes it move. */
export function Card({ id, topic, state, notice, children, control }: CardProps) {
  const { t } = useLocale();
  const tone = TONE_OF_FEATURE[state.status];
  return (
    <article className="card" id={`react-${id}`} aria-labelledby={`react-${id}-title`}>
      <header className="card-head">
        <h3 id={`react-${id}-title`}>{t.channel.names[id]}</h3>
        <span className="badge" data-tone={tone} data-status={state.status}>
          <span className="dot" aria-hidden="true" />
          {t.channel.status[state.status]}
        </span>
        <code dir="ltr">{topic}</code>
      </header>
      <div className="card-body">
        <div className="card-data">
          {notice && <p className="notice">{notice}</p>}
          {!notice && state.error && (
            <p className="notice" data-tone={tone}>
              {reasonOf(state.error, t)} <code dir="ltr">{state.error.code}</code>
            </p>
          )}
          {children}
        </div>
        <div className="card-control">{control}</div>
      </div>
    </article>
  );
}

/** Says that the last run of a command failed, and why. */
export function CommandError({ error }: { error: unknown }) {
  const { t } = useLocale();
  if (error === null) return null;
  return (
    <p className="notice" data-tone="failed" role="alert">
      {t.common.failed(explain(error, t))}
    </p>
  );
}

/** Stands in for an empty list, or for one that has not arrived. */
export function Empty({ state }: { state: FeatureState }) {
  const { t } = useLocale();
  return <p className="muted">{state.status === 'loading' || state.status === 'idle' ? t.common.loading : t.common.empty}</p>;
}

/** A moment, in the reader's words. */
export function Time({ at }: { at: string | number | null }) {
  const { format } = useLocale();
  if (at === null) return null;
  return <time dateTime={new Date(at).toISOString()}>{format.time(at)}</time>;
}

/** A labelled select. */
export function Choice<T extends string>({ label, value, options, onChoose }: { label: string; value: T; options: readonly ChoiceOption<T>[]; onChoose: (value: T) => void }) {
  const choose = (chosen: string) => {
    const option = options.find((each) => each.value === chosen);
    if (option) onChoose(option.value);
  };
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
