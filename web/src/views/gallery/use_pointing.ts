import { type FocusEvent, type PointerEvent, useCallback, useMemo, useRef } from "react";

/** Milliseconds after which a pointer that rests is not about to choose anything. */
const resting = 4_000;

/** Whether somebody is about to choose one of an element's parts, which must not move under the hand then. */
export function usePointing() {
  const lastMove = useRef(-Infinity);
  const hasFocus = useRef(false);
  const pointing = useMemo(
    () => ({
      onPointerMove: () => void (lastMove.current = Date.now()),
      onPointerDown: () => void (lastMove.current = Date.now()),
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType === "mouse") lastMove.current = -Infinity;
      },
      onFocus: () => void (hasFocus.current = true),
      onBlur: (event: FocusEvent<HTMLElement>) => {
        hasFocus.current = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
      },
    }),
    [],
  );
  const isPointedAt = useCallback(() => hasFocus.current || Date.now() - lastMove.current < resting, []);
  return { isPointedAt, pointing };
}
