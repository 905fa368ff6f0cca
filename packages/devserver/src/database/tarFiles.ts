const BLOCK_BYTES = 512;
const REGULAR_FILE = new Set(['0', '\0']);

/** A regular file of a tar. */
export interface TarFile {
  name: string;
  /** A view into the tar. */
  data: Uint8Array;
}

/**
 * The regular files of an uncompressed tar in ustar format, with paths of up to 256 characters.
 * @throws Error when the bytes are no such tar.
 */
export function tarFiles(tar: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  let offset = 0;
  // Ends with blocks of zeros.
  while (offset + BLOCK_BYTES <= tar.length && tar[offset] !== 0) {
    const field = (start: number, length: number) => text(tar.subarray(offset + start, offset + start + length));
    const size = Number.parseInt(field(124, 12).trim(), 8);
    if (!field(257, 6).startsWith('ustar') || Number.isNaN(size)) throw new Error(`no tar header at byte ${offset}`);
    const start = offset + BLOCK_BYTES;
    const prefix = field(345, 155);
    if (REGULAR_FILE.has(field(156, 1) || '\0')) files.push({ name: (prefix && `${prefix}/`) + field(0, 100), data: tar.subarray(start, start + size) });
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

/** Up to the first zero byte. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
}
