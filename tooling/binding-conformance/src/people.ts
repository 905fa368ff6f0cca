/** People, challenges and opportunities of `supabase/seed.sql`. */
export const people = {
  admin: { id: 'a0000000-0000-4000-8000-000000000001', email: 'admin@ruwad.example', role: 'admin' },
  sara: { id: 'a0000000-0000-4000-8000-000000000002', email: 'sara@ruwad.example', role: 'innovator' },
  omar: { id: 'a0000000-0000-4000-8000-000000000003', email: 'omar@ruwad.example', role: 'innovator' },
  layla: { id: 'a0000000-0000-4000-8000-000000000004', email: 'layla@ruwad.example', role: 'domain_expert' },
} as const;
export type Person = keyof typeof people;

/** The password of all of them. */
export const PASSWORD = 'ruwad-demo';

export const challenges = { water: 'c0000000-0000-4000-8000-000000000001', emergency: 'c0000000-0000-4000-8000-000000000002' } as const;
export const opportunities = { hackathon: 'f0000000-0000-4000-8000-000000000001', lab: 'f0000000-0000-4000-8000-000000000002' } as const;
