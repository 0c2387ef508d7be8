import type { FailureKind } from "@/api/client";

interface Words {
  /** A few words for a badge or a heading. */
  what: string;
  /** What the person can do, or that nothing needs to be done. */
  advice: string;
}

const words: Record<FailureKind, Words> = {
  bad_url: { what: "Not a usable address", advice: "Correct the address where it comes from." },
  blocked_address: {
    what: "Private address",
    advice: "creel does not fetch from private networks unless it is started with --allow-private-network.",
  },
  dns: { what: "Name not found", advice: "The server's name does not resolve; it may be gone." },
  connect: { what: "No connection", advice: "The server did not answer. Retry later." },
  tls: { what: "Certificate trouble", advice: "The server's certificate could not be trusted." },
  timeout: { what: "Too slow", advice: "The server took too long. Retry later." },
  redirected: { what: "Lost in redirects", advice: "The address leads in a circle or too far." },
  bad_request: { what: "Refused as wrong", advice: "The server did not understand the request." },
  bad_auth: { what: "Credentials refused", advice: "Check the source's token or client id." },
  forbidden: { what: "Forbidden", advice: "The server does not give this image to us." },
  not_found: { what: "Not found", advice: "The image is gone, or never was there." },
  rate_limited: { what: "Asked to wait", advice: "The server limits requests; creel waits and tries again." },
  server_error: { what: "Server trouble", advice: "The server failed. Retry later." },
  truncated: { what: "Broken off", advice: "The image did not arrive whole. Retry later." },
  too_large: { what: "Too large", advice: "The image is larger than ingest.max_bytes allows." },
  not_an_image: { what: "Not an image", advice: "What came is a page or something else, whatever its name says." },
  placeholder: { what: "Removed", advice: "The host shows a placeholder: the picture was taken down." },
  opted_out: { what: "Opted out", advice: "The server asks not to have its images copied." },
  store_denied: { what: "Store refused", advice: "Check the bucket's name, its rights and the credentials." },
  store_throttled: { what: "Store busy", advice: "The store asks to go slower; creel tries again." },
  store_error: { what: "Store trouble", advice: "The store could not take the image. Look at its health, then retry." },
  function_error: { what: "Function failed", advice: "Look into the function's log." },
  function_timeout: { what: "Function timed out", advice: "Give the function more time, or fewer images at once." },
  function_throttled: { what: "Function throttled", advice: "Lambda's concurrency is used up; creel tries again." },
  cancelled: { what: "Stopped", advice: "creel was stopped meanwhile; it tries again." },
  internal: { what: "Fault in creel", advice: "Please report this with the log." },
};

/** The same for a poll, in a few words; one that was put off has asked nobody. */
export function pollFailureWords({ kind, message }: { kind: FailureKind; message: string }): string {
  if (kind === "cancelled" && message.includes("left alone")) return "Put off";
  return failureWords(kind).what;
}

/** What a failure means and what can be done, for people. A kind that this page does not know keeps its name. */
export function failureWords(kind: FailureKind): Words {
  return words[kind] ?? { what: kind, advice: "" };
}
