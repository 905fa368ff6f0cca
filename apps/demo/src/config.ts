/** The anonymous key that every local Supabase project shares; public by design, row level security does the guarding. */
const LOCAL_ANON_KEY =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0';

/** Where the backend is: the local one that `npm start` brings up, unless the environment names another. */
export const config = {
  url: import.meta.env.VITE_SUPABASE_URL ?? 'http://127.0.0.1:54321',
  anonKey: import.meta.env.VITE_SUPABASE_ANON_KEY ?? LOCAL_ANON_KEY,
};
