import { type RefObject, useEffect, useRef } from "react";

/** Takes the keyboard to the heading when something that was shown is gone, and what the keyboard was on with it. */
export function useKeptFocus(heading: RefObject<HTMLElement | null>, shown: readonly (string | number)[]) {
  const last = useRef("");
  const now = shown.join();
  useEffect(() => {
    const left = new Set(now.split(","));
    const isGone = last.current !== "" && last.current.split(",").some((one) => !left.has(one));
    last.current = now;
    const active = document.activeElement;
    if (isGone && (active === null || active === document.body)) heading.current?.focus();
  }, [heading, now]);
}
