interface ImportMetaEnv {
  /** Address of the Supabase project. @defaultValue `http://127.0.0.1:54321` */
  readonly VITE_SUPABASE_URL?: string;
  /** Its anonymous key. @defaultValue the key of every local project */
  readonly VITE_SUPABASE_ANON_KEY?: string;
}

// For tools that do not read single-file components; vue-tsc sees the real types.
declare module '*.vue' {
  import type { Component } from 'vue';
  const component: Component;
  export default component;
}
