export { createRestApi } from './createRestApi.ts';
