export type { ArgsOf, BindingAdapter, FeatureHookName, HookName, Hooks, Mounted, ResultOf, ServerAdapter } from './adapter.ts';
export { describeBinding } from './describeBinding.ts';
export { describeServerRendering } from './describeServerRendering.ts';
export { createTimeline } from './timeline.ts';
export type { Timeline } from './timeline.ts';
