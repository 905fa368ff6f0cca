const CUT = /…<truncated by recorder, (\d+) chars>$/;
const CUT_IN_BODY = /…<truncated, (\d+) chars>/;

/** A frame that the recorder cut, made whole: its last character repeated to the recorded length. */
export function restoreFrame(frame: string, context: { ref: string; joinRef: string }): string {
  const cut = CUT.exec(frame);
  if (!cut) return frame;
  const head = frame.slice(0, cut.index);
  const tail = tailOf(head, context);
  return head + head.slice(-1).repeat(Number(cut[1]) - head.length - tail.length) + tail;
}

/** A request body in which the recorder cut a string, made whole. */
export function restoreBody(body: string): string {
  const cut = CUT_IN_BODY.exec(body);
  if (!cut) return body;
  const filler = body.slice(cut.index - 1, cut.index);
  return body.slice(0, cut.index) + filler.repeat(Number(cut[1])) + body.slice(cut.index + cut[0].length);
}

/** What a cut frame has before the cut, closed so that it parses, and its full length; `null` for a whole frame. */
export function cutFrame(frame: string): { head: string; length: number } | null {
  const cut = CUT.exec(frame);
  return cut && { head: frame.slice(0, cut.index) + closing(frame.slice(0, cut.index)), length: Number(cut[1]) };
}

/** Version 1 frames end with the refs, which the cut has swallowed. */
function tailOf(head: string, { ref, joinRef }: { ref: string; joinRef: string }): string {
  const tail = closing(head);
  if (head.startsWith('[')) return tail;
  return `${tail.slice(0, -1)},"ref":"${ref}"${joinRef === '' ? '' : `,"join_ref":"${joinRef}"`}}`;
}

/** The quotes and brackets that a cut text leaves open. */
function closing(text: string): string {
  const open: string[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[[\]{}]/g)) {
    if (token.startsWith('"')) {
      if (token.length === 1 || !token.endsWith('"')) open.push('"');
    } else if (token === '{' || token === '[') open.push(token === '{' ? '}' : ']');
    else open.pop();
  }
  return open.reverse().join('');
}
