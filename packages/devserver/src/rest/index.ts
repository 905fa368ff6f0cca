export { createRestApi } from './createRestApi.ts';
export type { RestApiOptions } from './createRestApi.ts';
