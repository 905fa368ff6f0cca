import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { challenges, people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `challenge_discussions:<id>`: comments of one challenge, and who is typing. */
export function testChallengeDiscussions({ open }: Stage): void {
  it('useChallengeDiscussion shows what another person writes, edits and deletes, in this challenge alone', async () => {
    const [sara, omar] = [await open('sara'), await open('omar')];
    const hers = sara.mount('useChallengeDiscussion', challenges.water);
    await untilLive(hers);
    const before = hers.current().comments.map(({ id }) => id);

    const write = async (challenge_id: string, content: string) => {
      const { data } = await omar.supabase.from('challenge_comments').insert({ challenge_id, user_id: people.omar.id, content }).select('id').single().throwOnError();
      return data.id as string; // a uuid column; the client has no generated types
    };
    const elsewhere = await write(challenges.emergency, 'Not here');
    const here = await write(challenges.water, 'فكرة ممتازة');
    const shown = await hers.results.now(({ comments }) => comments.at(-1)?.id === here, 'the comment of omar');
    expect(shown.comments.map(({ id }) => id)).toEqual([...before, here]);
    expect(shown.comments.map(({ id }) => id)).not.toContain(elsewhere);

    await omar.supabase.from('challenge_comments').update({ content: 'فكرة ممتازة جدًا' }).eq('id', here).throwOnError();
    await hers.results.now(({ comments }) => comments.at(-1)?.content === 'فكرة ممتازة جدًا', 'the edited comment');
    await omar.supabase.from('challenge_comments').delete().eq('id', here).throwOnError();
    const after = await hers.results.now(({ comments }) => comments.every(({ id }) => id !== here), 'the comment to go');
    expect(after.comments.map(({ id }) => id)).toEqual(before);
  });

  it('useChallengeDiscussion posts comments and shows who is typing to the others', async () => {
    const [sara, omar] = [await open('sara'), await open('omar')];
    const [hers, his] = [sara.mount('useChallengeDiscussion', challenges.water), omar.mount('useChallengeDiscussion', challenges.water)];
    await Promise.all([untilLive(hers), untilLive(his)]);

    his.current().setTyping(true);
    const typing = await hers.results.now(({ typingUsers }) => typingUsers.length > 0, 'someone to type');
    expect(typing.typingUsers).toEqual([{ userId: people.omar.id, name: 'omar' }]);
    expect(his.current().typingUsers).toEqual([]);

    const posted = await hers.current().postComment('أوافقك الرأي');
    const seen = await his.results.now(({ comments }) => comments.at(-1)?.id === posted.id, "sara's comment");
    expect(seen.comments.at(-1)).toMatchObject({ user_id: people.sara.id, content: 'أوافقك الرأي' });
    await hers.current().deleteComment(posted.id);
    await his.results.now(({ comments }) => comments.every(({ id }) => id !== posted.id), "sara's comment to go");
  });
}
