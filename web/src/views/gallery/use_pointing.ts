import { type PointerEvent, type RefObject, useCallback, useMemo, useRef } from "react";

/** Milliseconds after which a pointer that rests is not about to choose anything. */
const resting = 4_000;

/** Whether somebody is about to choose one of an element's parts, which must not move under the hand then. */
export function usePointing(element: RefObject<HTMLElement | null>) {
  const lastMove = useRef(-Infinity);
  const pointing = useMemo(
    () => ({
      onPointerMove: () => void (lastMove.current = Date.now()),
      onPointerDown: () => void (lastMove.current = Date.now()),
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType === "mouse") lastMove.current = -Infinity;
      },
    }),
    [],
  );
  const isPointedAt = useCallback(() => {
    const hasFocus = element.current?.contains(document.activeElement) ?? false;
    return hasFocus || Date.now() - lastMove.current < resting;
  }, [element]);
  return { isPointedAt, pointing };
}
