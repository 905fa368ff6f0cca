import { challengeDiscussions, type ChallengeComment } from '@ruwad/realtime-core/ruwad';
import { useChallengeDiscussion, useStore } from '@ruwad/realtime-react';
import { useCallback, useId, useState, type SubmitEvent } from 'react';
import { titleChoices } from '../../view/choices.ts';
import { nameOf } from '../../view/names.ts';
import { Card } from '../Card.tsx';
import { Choice } from '../Choice.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { EditText } from '../EditText.tsx';
import { Empty } from '../Empty.tsx';
import { Time } from '../Time.tsx';
import { useCommand } from '../useCommand.ts';
import { WaitingMark } from '../WaitingMark.tsx';

/** Channel 2: the discussion of one challenge, and who is writing in it. */
export function DiscussionCard() {
  const { t, language } = useLocale();
  const { people, challenges, challengeId: chosen } = useWorkspace();
  const challengeId = useStore(chosen);
  const discussion = useChallengeDiscussion(challengeId);
  return (
    <Card
      id="challenge-discussion"
      topic={challengeDiscussions.topic({ challengeId })}
      state={discussion}
      control={
        <>
          <Choice label={t.discussion.challenge} value={challengeId} options={titleChoices(challenges, language)} onChoose={(id) => chosen.set(id)} />
          <Composer onPost={discussion.postComment} onTyping={discussion.setTyping} />
        </>
      }
    >
      {discussion.comments.length === 0 && <Empty state={discussion} />}
      <div className="list newest-in-sight" tabIndex={0}>
        <ul>
          {discussion.comments.map((comment) => (
            <Comment key={comment.id} comment={comment} isPending={discussion.pendingIds.has(comment.id)} onEdit={discussion.editComment} />
          ))}
        </ul>
      </div>
      <Typing names={discussion.typingUsers.map(({ userId, name }) => nameOf(people, userId, language, name))} />
    </Card>
  );
}

function Comment({ comment, isPending, onEdit }: { comment: ChallengeComment; isPending: boolean; onEdit: (id: string, content: string) => Promise<void> }) {
  const { t, language } = useLocale();
  const { people, me } = useWorkspace();
  const [editing, setEditing] = useState(false);
  const save = useCallback((content: string) => onEdit(comment.id, content), [onEdit, comment.id]);
  const mine = comment.user_id === me.id;
  return (
    <li className="item">
      <strong>
        {nameOf(people, comment.user_id, language, t.common.someone)} {mine && <span className="muted">({t.common.you})</span>}{' '}
        {comment.is_expert_comment && <span className="tag">{t.discussion.expert}</span>}
        {isPending && <WaitingMark />}
      </strong>
      <Time at={comment.created_at} />
      {editing ? <EditText text={comment.content} save={t.common.save} onSave={save} onClose={() => setEditing(false)} /> : <p><bdi>{comment.content}</bdi></p>}
      {mine && !editing && (
        <div className="item-foot">
          <button type="button" className="button quiet" onClick={() => setEditing(true)}>
            {t.common.edit}
          </button>
        </div>
      )}
    </li>
  );
}

function Typing({ names }: { names: readonly string[] }) {
  const { t, format } = useLocale();
  return (
    <p className="typing" aria-live="polite">
      {names.length > 0 && t.discussion.typing(format.list(names), names.length)}
    </p>
  );
}

function Composer({ onPost, onTyping }: { onPost: (content: string) => Promise<unknown>; onTyping: (isTyping: boolean) => void }) {
  const { t } = useLocale();
  const [content, setContent] = useState('');
  const post = useCommand(onPost);
  const field = useId();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (content.trim() === '') return;
    onTyping(false);
    if (await post.run(content.trim())) setContent('');
  };

  return (
    <form className="card-form" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={field}>{t.discussion.comment}</label>
        <input
          id={field}
          // An empty field takes the page's direction, for its placeholder is the page's.
          dir={content === '' ? undefined : 'auto'}
          value={content}
          maxLength={5000}
          placeholder={t.discussion.placeholder}
          onChange={(event) => {
            setContent(event.target.value);
            onTyping(event.target.value !== '');
          }}
          onBlur={() => onTyping(false)}
        />
      </div>
      <button type="submit" className="button primary" disabled={post.pending}>
        {t.discussion.post}
      </button>
      <CommandError error={post.error} />
    </form>
  );
}
