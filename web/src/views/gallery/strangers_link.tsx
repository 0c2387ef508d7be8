import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";

import { isWebAddress } from "./image_words";

/** A link to where strangers rule: it opens apart and learns nothing of us. What is no web address stays text. */
export function StrangersLink({ address, children }: { address: string | null; children: ReactNode }) {
  if (!isWebAddress(address)) return <>{children}</>;
  return (
    <Anchor href={address} target="_blank" rel="noopener noreferrer" inherit underline="always">
      {children}
    </Anchor>
  );
}
