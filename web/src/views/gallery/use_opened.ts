import { useCallback, useRef } from "react";

import { useAddress } from "@/state/address";

/** Which image is shown large; it stands in the address, so that a link leads to it. */
export function useOpened() {
  const { parameters, change } = useAddress();
  const text = parameters["image"] ?? "";
  const opened = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
  const wasOpenedHere = useRef(false);

  const open = useCallback(
    (id: number) => {
      wasOpenedHere.current = true;
      change({ image: String(id) });
    },
    [change],
  );
  /** Another one in place of the one that is shown; going back leads to the list all the same. */
  const turn = useCallback((id: number) => change({ image: String(id) }, "replace"), [change]);
  const close = useCallback(() => {
    if (wasOpenedHere.current) window.history.back();
    else change({ image: null }, "replace");
    wasOpenedHere.current = false;
  }, [change]);
  return { opened, open, turn, close };
}
