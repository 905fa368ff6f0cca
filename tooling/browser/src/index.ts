export { launchChromium, launchProfile } from './launchChromium.ts';
export { servePage } from './servePage.ts';
export type { ServedPage } from './servePage.ts';
