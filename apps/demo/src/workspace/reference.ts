import type { SupabaseClient } from '@supabase/supabase-js';

/** Somebody with a profile. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly name_ar: string | null;
}

/** The signed-in person. */
export interface Me extends Person {
  readonly avatarUrl: string | null;
  /** The highest role held now. */
  readonly role: string;
  /** Whether row level security treats this person as an administrator. What the page hides by it, the database refuses anyway. */
  readonly isAdmin: boolean;
}

/** A row that is chosen by its title. */
export interface Titled {
  readonly id: string;
  readonly title_ar: string;
  readonly title_en?: string | null | undefined;
}

const ADMIN_ROLES = ['super_admin', 'admin'];

export async function loadPerson(supabase: SupabaseClient, userId: string): Promise<Me> {
  const [profile, roles] = await Promise.all([
    supabase
      .from('profiles')
      .select('id, name, name_ar, avatarUrl:profile_image_url')
      .eq('id', userId)
      .single<Person & { avatarUrl: string | null }>()
      .throwOnError(),
    supabase
      .from('user_roles')
      .select('role')
      .eq('user_id', userId)
      .eq('is_active', true)
      .overrideTypes<{ role: string }[], { merge: false }>()
      .throwOnError(),
  ]);
  const held = roles.data.map(({ role }) => role);
  const adminRole = ADMIN_ROLES.find((role) => held.includes(role));
  return { ...profile.data, role: adminRole ?? held[0] ?? 'viewer', isAdmin: adminRole !== undefined };
}

/** What the selects of the page offer, open challenges by their deadline; it changes too seldom to be live. */
export async function loadReference(supabase: SupabaseClient) {
  const [people, challenges, opportunities] = await Promise.all([
    supabase
      .from('profiles')
      .select('id, name, name_ar')
      .order('created_at')
      .order('id')
      .limit(100)
      .overrideTypes<Person[], { merge: false }>()
      .throwOnError(),
    supabase
      .from('challenges')
      .select('id, title_ar')
      .in('status', ['active', 'published'])
      .order('end_date')
      .order('id')
      .limit(20)
      .overrideTypes<Titled[], { merge: false }>()
      .throwOnError(),
    supabase
      .from('opportunities')
      .select('id, title_ar, title_en')
      .order('created_at')
      .order('id')
      .limit(20)
      .overrideTypes<Titled[], { merge: false }>()
      .throwOnError(),
  ]);
  return { people: people.data, challenges: challenges.data, opportunities: opportunities.data };
}
