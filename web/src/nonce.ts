import { setNonce } from "get-nonce";

const given = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";

/** The nonce without which the page's policy refuses style elements. */
export function styleNonce(): string {
  return given;
}

// Mantine's modals lock scrolling by way of a library that asks there.
if (given) setNonce(given);
