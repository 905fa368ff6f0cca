export type { ArgsOf, BindingAdapter, HookName, Hooks, Mounted, ResultOf } from './adapter.ts';
export { describeBinding } from './describeBinding.ts';
export { createTimeline } from './timeline.ts';
export type { Timeline } from './timeline.ts';
