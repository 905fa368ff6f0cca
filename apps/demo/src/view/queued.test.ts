import { describe, expect, it } from 'vitest';
import { textIn, waitingIds, withText } from './queued.ts';

const posted = { name: 'public.challenge_comments/insert', input: { id: 'c1', content: 'hello' } };
const edited = { name: 'public.challenge_comments/update', input: { key: { id: 'c1' }, changes: { content: 'hello!' } } };
const bookmarked = { name: 'ruwad/add-bookmark', input: { id: 'b1', item_type: 'event', item_id: 'e1', user_id: 'u1' } };
const read = { name: 'ruwad/mark-read', input: { recipient_id: 'u1', ids: ['n1', 'n2'], up_to: null } };

describe('textIn', () => {
  it('finds the text of a comment that is posted or edited, and none in what carries none', () => {
    expect([posted, edited, bookmarked, read].map(textIn)).toEqual(['hello', 'hello!', null, null]);
  });

  it('finds nothing in an input of another shape, as an older version of the app may have stored', () => {
    expect([null, 'hello', ['hello'], { content: 7 }].map((input) => textIn({ ...posted, input }))).toEqual([null, null, null, null]);
  });
});

describe('withText', () => {
  it('puts another text where the first one was, and leaves the rest', () => {
    expect(withText(posted, 'hi')).toEqual({ id: 'c1', content: 'hi' });
    expect(withText(edited, 'hi')).toEqual({ key: { id: 'c1' }, changes: { content: 'hi' } });
  });
});

describe('waitingIds', () => {
  it('names bookmarked items and notifications, and no comments, which their discussion names', () => {
    expect([...waitingIds([posted, edited, bookmarked, read])]).toEqual(['e1', 'n1', 'n2']);
  });
});
