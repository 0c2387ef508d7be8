import type { AnchorHTMLAttributes, MouseEvent } from "react";

import { go } from "@/state/address";

/** A link within the page: a plain click changes what is shown, any other does what the browser does with links. */
export function ViewLink({ href, onClick, ...others }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
    window.scrollTo(0, 0);
  };
  return <a {...others} href={href} onClick={follow} />;
}
