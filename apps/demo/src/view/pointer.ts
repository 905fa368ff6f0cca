/** Where a pointer is within an element, as fractions (0 to 1) of its width from the left and its height from the top. */
export function positionIn(element: Element, { clientX, clientY }: { clientX: number; clientY: number }): { x: number; y: number } {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: fraction(clientX - left, width), y: fraction(clientY - top, height) };
}

function fraction(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}
