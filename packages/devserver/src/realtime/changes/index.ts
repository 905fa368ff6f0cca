export { createChangeFeed, type ChangeFeed, type SubscribeRequest, type Subscription, type Verdict } from './changeFeed.ts';
export { type Binding } from './binding.ts';
export { type DeliveredChange } from './watchers.ts';
