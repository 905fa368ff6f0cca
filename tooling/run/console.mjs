const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');

/** One line that says what is being done. */
export function say(text) {
  console.log(`${bold('▸')} ${text}`);
}

/** Ends the process with one clear line. */
export function fail(message, code = 1) {
  console.error(`${red('✗')} ${message}`);
  process.exit(code);
}

/** `1.2 s` or `3 min 4 s`. */
export function duration(ms) {
  const s = ms / 1000;
  return s < 60 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}
