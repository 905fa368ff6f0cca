import type { FeatureState } from '@ruwad/realtime-core/ruwad';
import type { ReactNode } from 'react';
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
