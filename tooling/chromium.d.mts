/** Path of a Chromium-family browser on this machine, or null. Throws if `CHROMIUM_PATH` names none. */
export function findChromium(): string | null;
/** Path of a Chromium-family browser; when there is none, installs one and says what it does. Throws when no way worked. */
export function findOrInstallChromium(options?: { log?: (line: string) => void }): string;
