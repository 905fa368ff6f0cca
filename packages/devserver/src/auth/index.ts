export { createAuthApi } from './authApi.ts';
export { requireApiKey } from './apiKey.ts';
