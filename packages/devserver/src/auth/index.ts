export { createAuthApi } from './authApi.ts';
export type { AuthApiOptions } from './authApi.ts';
export { requireApiKey } from './apiKey.ts';
