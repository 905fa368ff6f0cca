export { createAuthApi } from './authApi.ts';
export { requireApiKey } from './apiKey.ts';
export type { AuthSettings } from './context.ts';
