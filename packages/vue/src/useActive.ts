import { getCurrentInstance, onActivated, onDeactivated, onMounted, readonly, ref, type Ref } from 'vue';

/**
 * True while subscriptions are wanted: between mount and unmount of a component, but not while `<KeepAlive>` keeps
 * it aside. Never on the server, where nothing would end them. In a scope outside components (a Pinia store) it is
 * true at once in the browser.
 */
export function useActive(): Readonly<Ref<boolean>> {
  const active = ref(false);
  if (getCurrentInstance()) {
    onMounted(() => (active.value = true));
    onActivated(() => (active.value = true));
    onDeactivated(() => (active.value = false));
  } else {
    active.value = typeof window !== 'undefined';
  }
  return readonly(active);
}
