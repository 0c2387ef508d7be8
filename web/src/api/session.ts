import { useQuery } from "@tanstack/react-query";

import { api, ApiError, asked } from "@/api/client";
import { keys } from "@/api/queries";
import type { components } from "@/api/schema";

type Caller = components["schemas"]["Session"];

/** Somebody who is signed in. */
export type Session = Caller & { scope: NonNullable<Caller["scope"]> };

/** Who is signed in; null for nobody. It need not be asked while a link's token is about to sign in. */
export function useSession(isAsked = true) {
  return useQuery({
    enabled: isAsked,
    queryKey: keys.session,
    staleTime: Infinity,
    // While the backend is away the page waits for it.
    refetchInterval: (query) => (query.state.status === "error" ? 5_000 : false),
    queryFn: async (): Promise<Session | null> => {
      const caller = await asked(api.GET("/session"));
      return isSession(caller) ? caller : null;
    },
  });
}

function isSession(caller: Caller): caller is Session {
  return caller.scope !== null;
}

/** Whether the session may change something, or only look. */
export function useMayWrite(): boolean {
  return useSession().data?.scope === "write";
}

const endWatchers = new Set<() => void>();

/** Tells when an answer says that the session is over: the token has expired, or its secret is another now. */
export function whenSessionEnds(watcher: () => void): () => void {
  endWatchers.add(watcher);
  return () => endWatchers.delete(watcher);
}

api.use({
  onResponse({ response, schemaPath }) {
    // There it only answers whether a token is good.
    if (response.status !== 401 || schemaPath === "/session") return;
    for (const watcher of endWatchers) watcher();
  },
});

/** Trades a token for the session's cookie, which scripts cannot read; the token is kept nowhere. */
export function signIn(token: string) {
  return asked(api.POST("/session", { headers: { Authorization: `Bearer ${token}` } }));
}

export function signOut() {
  return asked(api.DELETE("/session"));
}

/**
 * The token of a link such as `/#token=...`, taken out of the address at once so that it is neither shared nor kept in
 * the history; null if there is none.
 */
export function takeTokenFromAddress(location: Location = window.location): string | null {
  const token = tokenOfFragment(location.hash);
  if (token === null) return null;
  window.history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** The token in what somebody pasted: a token alone, after the word Bearer, or in a link. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  const hash = text.indexOf("#");
  const linked = hash < 0 ? null : tokenOfFragment(text.slice(hash));
  // A terminal breaks long lines, and what is copied from it has the breaks.
  return (linked ?? text.replace(/^Bearer\s/i, "")).replace(/\s/g, "");
}

function tokenOfFragment(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token");
}

/** Bytes that fit into a cookie beside its name; the backend refuses more. */
const longestToken = 3900;

/** What is wrong with a token that need not be sent to find out; null if it may be good. */
export function tokenFault(token: string): string | null {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    return "This is not a token. A token is one long word of three parts with dots between them.";
  }
  if (token.length > longestToken) {
    return `This token is too long for a browser's cookie: it has ${token.length} characters, and ${longestToken} fit. Make one with fewer claims.`;
  }
  return null;
}

/** Why a sign-in did not work, and what to do about it. */
export function signInFault(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  const why = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1).replace(/\.$/, "")}.`;
  return error.status === 401 ? `${why} Sign in with a new token.` : why;
}
