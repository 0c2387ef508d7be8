import { useEffect, useLayoutEffect, useRef } from "react";

const positions = new Map<string, number>();

/** For a list that is asked for anew, rather than gone back to. */
export function forgetPosition(key: string) {
  positions.delete(key);
}

/**
 * While the view is shown, the browser leaves the scrolling to it when one goes back: it puts lists where they were, and
 * scrolls to what gets the keyboard. The other views leave it to the browser.
 */
export function useOwnScrolling() {
  useLayoutEffect(() => {
    // It is kept with each entry of the history, and a new one begins with that of the entry before.
    window.history.scrollRestoration = "manual";
    return () => {
      window.history.scrollRestoration = "auto";
    };
  }, []);
}

/**
 * Scrolls to where the reader was when the list was last shown, or to its top.
 * @param isShown  true once the list has its height
 */
export function useScrollMemory(key: string, isShown: boolean) {
  const restored = useRef<string | null>(null);

  useLayoutEffect(() => {
    if (!isShown || restored.current === key) return;
    restored.current = key;
    window.scrollTo(0, positions.get(key) ?? 0);
  }, [key, isShown]);

  useEffect(() => {
    if (!isShown) return;
    const save = () => void positions.set(key, window.scrollY);
    window.addEventListener("scroll", save, { passive: true });
    return () => window.removeEventListener("scroll", save);
  }, [key, isShown]);
}
