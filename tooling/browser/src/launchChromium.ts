import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { findChromium } from '../../chromium.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/**
 * Starts the machine's Chromium. Throws when there is none, saying what to do.
 *
 * @param options - `keepsPages`: whether pages that are left are kept for going back, as a browser does that no test controls
 */
export function launchChromium({ keepsPages = false }: { readonly keepsPages?: boolean } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: executable(), args: ARGS, ...(keepsPages && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }) });
}

/** Starts it with a profile in a directory, where it finds again what was stored there before. */
export function launchProfile(directory: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(directory, { executablePath: executable(), args: ARGS });
}

function executable(): string {
  const path = findChromium();
  if (path === null) throw new Error('No Chromium was found; `node tooling/chromium.mjs` installs one.');
  return path;
}
