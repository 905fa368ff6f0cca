import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // React owns .tsx and Vue owns .vue, so neither plugin sees a file of the other.
  plugins: [react({ include: /\.tsx$/ }), vue({ include: /\.vue$/ })],
  resolve: {
    // The workspace packages are read from their sources: no build is needed to see a change of theirs.
    conditions: ['@ruwad/source', ...defaultClientConditions],
  },
  // Two frameworks and supabase-js on one page are what this page is about.
  build: { target: 'es2022', chunkSizeWarningLimit: 800 },
});
